# bash completion for tlswhy
# Made by scripts/options.py (`make docs`).
_tlswhy() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} i
  # After "--" the words are another program's.
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} == -- ]]; then
      if declare -F _command_offset >/dev/null; then _command_offset $((i + 1)); else COMPREPLY=($(compgen -o default -- "$word")); fi
      return
    fi
  done
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "run pid host pcap scan stores stacks fix explain codes lab --help --version" -- "$word"))
    return
  fi
  case $command:${COMP_WORDS[COMP_CWORD - 1]} in
    run:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    run:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    run:--store) COMPREPLY=($(compgen -f -- "$word")); return ;;
    run:--keylog) COMPREPLY=($(compgen -W "auto off" -- "$word")); return ;;
    pid:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    pid:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    pid:--connect) COMPREPLY=($(compgen -A hostname -- "$word")); return ;;
    pid:--servername) COMPREPLY=(); return ;;
    pid:--starttls) COMPREPLY=(); return ;;
    pid:--watch) COMPREPLY=(); return ;;
    host:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    host:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    host:--servername) COMPREPLY=(); return ;;
    host:--starttls) COMPREPLY=($(compgen -W "smtp imap pop3 ftp xmpp ldap postgres" -- "$word")); return ;;
    host:--as) COMPREPLY=($(compgen -f -- "$word")); return ;;
    pcap:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    pcap:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    pcap:--keylog) COMPREPLY=($(compgen -f -- "$word")); return ;;
    pcap:--as) COMPREPLY=($(compgen -f -- "$word")); return ;;
    scan:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    scan:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    scan:--root) COMPREPLY=($(compgen -d -- "$word")); return ;;
    scan:--env-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
    scan:--fail-on) COMPREPLY=($(compgen -W "$(tlswhy codes 2>/dev/null | cut -d' ' -f1)" -- "$word")); return ;;
    scan:--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    stores:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    stores:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    stores:--root) COMPREPLY=($(compgen -d -- "$word")); return ;;
    stores:--as) COMPREPLY=($(compgen -W "$(tlswhy stacks 2>/dev/null | sed -n 's/^\([a-z0-9-][a-z0-9-]*\) .*/\1/p')" -- "$word")); return ;;
    stores:--chain) COMPREPLY=($(compgen -f -- "$word")); return ;;
    stores:--servername) COMPREPLY=(); return ;;
    stores:--at) COMPREPLY=(); return ;;
    stores:--anchors) COMPREPLY=($(compgen -f -- "$word")); return ;;
    stores:--env-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
    stores:--uid) COMPREPLY=($(compgen -u -- "$word")); return ;;
    stacks:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    stacks:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    fix:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    fix:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    fix:--undo) COMPREPLY=(); return ;;
    fix:--root) COMPREPLY=($(compgen -d -- "$word")); return ;;
    fix:--store) COMPREPLY=($(compgen -f -- "$word")); return ;;
    fix:--format) COMPREPLY=($(compgen -W "shell systemd docker kubernetes" -- "$word")); return ;;
    fix:--print) COMPREPLY=($(compgen -W "shell systemd dotenv kubernetes dockerfile json" -- "$word")); return ;;
    fix:--unit) COMPREPLY=(); return ;;
    fix:--place) COMPREPLY=($(compgen -f -- "$word")); return ;;
    fix:--to) COMPREPLY=(); return ;;
    fix:--user) COMPREPLY=($(compgen -u -- "$word")); return ;;
    fix:--password) COMPREPLY=(); return ;;
    explain:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    explain:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    codes:--json) COMPREPLY=($(compgen -f -- "$word")); return ;;
    codes:--color) COMPREPLY=($(compgen -W "always auto never" -- "$word")); return ;;
    lab:--results) COMPREPLY=($(compgen -f -- "$word")); return ;;
    lab:--tls) COMPREPLY=(); return ;;
  esac
  case $command:$COMP_CWORD in
    run:*) COMPREPLY=($(compgen -W "--plain --json --color --no-probe --store --try-fix --keylog --help" -- "$word"; compgen -c -- "$word")) ;;
    pid:*) COMPREPLY=($(compgen -W "--plain --json --color --connect --servername --starttls --watch --help" -- "$word")) ;;
    host:*) COMPREPLY=($(compgen -W "--plain --json --color --servername --starttls --as --help" -- "$word"; compgen -A hostname -- "$word")) ;;
    pcap:*) COMPREPLY=($(compgen -W "--plain --json --color --keylog --as --help" -- "$word"; compgen -f -- "$word")) ;;
    scan:*) COMPREPLY=($(compgen -W "--plain --json --color --root --roots --env-file --fail-on --config --help" -- "$word"; compgen -f -- "$word")) ;;
    stores:*) COMPREPLY=($(compgen -W "--plain --json --color --root --all --as --chain --servername --at --anchors --env-file --keep-env --uid --at-secure --help" -- "$word")) ;;
    stacks:*) COMPREPLY=($(compgen -W "--plain --json --color --help" -- "$word")) ;;
    fix:2) COMPREPLY=($(compgen -W "env link rehash bundle mode anchor --plain --json --color --list --undo --dry-run --force --help" -- "$word")) ;;
    fix:*) [[ ${COMP_WORDS[2]} == env ]] && COMPREPLY=($(compgen -W "--plain --json --color --root --dry-run --force --store --format --print --unit --help" -- "$word"; compgen -f -- "$word")) ;;&
    fix:*) [[ ${COMP_WORDS[2]} == link ]] && COMPREPLY=($(compgen -W "--plain --json --color --root --dry-run --force --place --store --to --copy --help" -- "$word"; compgen -f -- "$word")) ;;&
    fix:*) [[ ${COMP_WORDS[2]} == rehash ]] && COMPREPLY=($(compgen -W "--plain --json --color --root --dry-run --force --help" -- "$word"; compgen -d -- "$word")) ;;&
    fix:*) [[ ${COMP_WORDS[2]} == bundle ]] && COMPREPLY=($(compgen -W "--plain --json --color --root --dry-run --force --help" -- "$word"; compgen -f -- "$word")) ;;&
    fix:*) [[ ${COMP_WORDS[2]} == mode ]] && COMPREPLY=($(compgen -W "--plain --json --color --root --dry-run --force --user --help" -- "$word"; compgen -f -- "$word")) ;;&
    fix:*) [[ ${COMP_WORDS[2]} == anchor ]] && COMPREPLY=($(compgen -W "--plain --json --color --root --dry-run --force --remove --yes --store --no-system --password --help" -- "$word"; compgen -f -- "$word")) ;;&
    explain:*) COMPREPLY=($(compgen -W "--plain --json --color --help" -- "$word"; compgen -W "$(tlswhy codes 2>/dev/null | cut -d' ' -f1)" -- "$word")) ;;
    codes:*) COMPREPLY=($(compgen -W "--plain --json --color --help" -- "$word")) ;;
    lab:2) COMPREPLY=($(compgen -W "list build run test table exec --help" -- "$word")) ;;
    lab:*) [[ ${COMP_WORDS[2]} == list ]] && COMPREPLY=($(compgen -W "--help" -- "$word")) ;;&
    lab:*) [[ ${COMP_WORDS[2]} == build ]] && COMPREPLY=($(compgen -W "--help" -- "$word")) ;;&
    lab:*) [[ ${COMP_WORDS[2]} == run ]] && COMPREPLY=($(compgen -W "--help" -- "$word"; compgen -W "$(tlswhy lab list 2>/dev/null | cut -d' ' -f1)" -- "$word")) ;;&
    lab:*) [[ ${COMP_WORDS[2]} == test ]] && COMPREPLY=($(compgen -W "--results --help" -- "$word"; compgen -W "$(tlswhy lab list 2>/dev/null | cut -d' ' -f1)" -- "$word")) ;;&
    lab:*) [[ ${COMP_WORDS[2]} == table ]] && COMPREPLY=($(compgen -W "--help" -- "$word"; compgen -f -- "$word")) ;;&
    lab:*) [[ ${COMP_WORDS[2]} == exec ]] && COMPREPLY=($(compgen -W "--tls --help" -- "$word"; compgen -W "$(tlswhy lab list 2>/dev/null | cut -d' ' -f1)" -- "$word")) ;;&
  esac
}
complete -o filenames -F _tlswhy tlswhy
