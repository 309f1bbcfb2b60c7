# fish completion for tlswhy
complete -c tlswhy -f
complete -c tlswhy -n __fish_use_subcommand -a run -d 'run CMD, watch it, explain every TLS failure'
complete -c tlswhy -n __fish_use_subcommand -a scan -d 'what TLS library a file holds'
complete -c tlswhy -n __fish_use_subcommand -a stores -d 'the trust stores of this machine'
complete -c tlswhy -n __fish_use_subcommand -a fix -d 'the setting that makes a program find the store'
complete -c tlswhy -n __fish_use_subcommand -a explain -d 'what a code means'
complete -c tlswhy -n __fish_use_subcommand -a codes -d 'list the causes'
complete -c tlswhy -n __fish_use_subcommand -a lab -d 'reproduce known failures'
complete -c tlswhy -n '__fish_seen_subcommand_from run scan stores' -l json -r -F -d 'write the report as JSON'
complete -c tlswhy -n '__fish_seen_subcommand_from run scan stores' -l plain -d 'no drawing characters'
complete -c tlswhy -n '__fish_seen_subcommand_from run scan stores' -l color -x -a 'auto always never'
complete -c tlswhy -n '__fish_seen_subcommand_from run' -l no-probe -d 'never connect to a peer again'
complete -c tlswhy -n '__fish_seen_subcommand_from run fix' -l store -r -F -d 'a bundle'
complete -c tlswhy -n '__fish_seen_subcommand_from scan stores' -l root -x -a '(__fish_complete_directories)'
complete -c tlswhy -n '__fish_seen_subcommand_from stores' -l all -d 'missing places too'
complete -c tlswhy -n '__fish_seen_subcommand_from fix' -a env -F
complete -c tlswhy -n '__fish_seen_subcommand_from fix' -l format -x -a 'shell systemd docker kubernetes'
complete -c tlswhy -n '__fish_seen_subcommand_from scan' -F
complete -c tlswhy -n '__fish_seen_subcommand_from explain' -a "(tlswhy codes 2>/dev/null | cut -d' ' -f1)"
complete -c tlswhy -n '__fish_seen_subcommand_from lab' -a 'list build run test exec'
