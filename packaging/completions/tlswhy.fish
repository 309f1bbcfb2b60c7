# fish completion for tlswhy
complete -c tlswhy -f
complete -c tlswhy -n __fish_use_subcommand -a run -d 'run CMD, watch it, explain every TLS failure'
complete -c tlswhy -n __fish_use_subcommand -a pid -d 'a running process'
complete -c tlswhy -n __fish_use_subcommand -a host -d 'what a server sends'
complete -c tlswhy -n __fish_use_subcommand -a pcap -d 'the TLS handshakes of a capture'
complete -c tlswhy -n __fish_use_subcommand -a scan -d 'what TLS library a file holds'
complete -c tlswhy -n __fish_use_subcommand -a stores -d 'the trust stores of this machine'
complete -c tlswhy -n __fish_use_subcommand -a fix -d 'the setting that makes a program find the store'
complete -c tlswhy -n __fish_use_subcommand -a explain -d 'what a code means'
complete -c tlswhy -n __fish_use_subcommand -a codes -d 'list the causes'
complete -c tlswhy -n __fish_use_subcommand -a lab -d 'reproduce known failures'
complete -c tlswhy -n '__fish_seen_subcommand_from run pid host pcap scan stores' -l json -r -F -d 'write the report as JSON'
complete -c tlswhy -n '__fish_seen_subcommand_from run pid host pcap scan stores' -l plain -d 'no drawing characters'
complete -c tlswhy -n '__fish_seen_subcommand_from run pid host pcap scan stores' -l color -x -a 'auto always never'
complete -c tlswhy -n '__fish_seen_subcommand_from pid' -l connect -x -d 'verify this peer'
complete -c tlswhy -n '__fish_seen_subcommand_from pid' -l watch -x -d 'attach for so many seconds'
complete -c tlswhy -n '__fish_seen_subcommand_from pid' -a '(__fish_complete_pids)'
complete -c tlswhy -n '__fish_seen_subcommand_from pid host' -l servername -x -d 'name to ask for'
complete -c tlswhy -n '__fish_seen_subcommand_from pid host' -l starttls -x -a 'smtp imap pop3 ftp xmpp ldap postgres'
complete -c tlswhy -n '__fish_seen_subcommand_from host pcap' -l as -r -F -d 'whose eyes'
complete -c tlswhy -n '__fish_seen_subcommand_from run' -l keylog -x -a 'auto off'
complete -c tlswhy -n '__fish_seen_subcommand_from pcap' -l keylog -r -F -d 'secrets'
complete -c tlswhy -n '__fish_seen_subcommand_from pcap' -F
complete -c tlswhy -n '__fish_seen_subcommand_from run' -l no-probe -d 'never connect to a peer again'
complete -c tlswhy -n '__fish_seen_subcommand_from run fix' -l store -r -F -d 'a bundle'
complete -c tlswhy -n '__fish_seen_subcommand_from scan stores' -l root -x -a '(__fish_complete_directories)'
complete -c tlswhy -n '__fish_seen_subcommand_from stores' -l all -d 'missing places too'
complete -c tlswhy -n '__fish_seen_subcommand_from fix' -a env -F
complete -c tlswhy -n '__fish_seen_subcommand_from fix' -l format -x -a 'shell systemd docker kubernetes'
complete -c tlswhy -n '__fish_seen_subcommand_from scan' -F
complete -c tlswhy -n '__fish_seen_subcommand_from explain' -a "(tlswhy codes 2>/dev/null | cut -d' ' -f1)"
complete -c tlswhy -n '__fish_seen_subcommand_from lab' -a 'list build run test exec'
