# bash completion for tlswhy
_tlswhy() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} i
  # Behind "--" the words are another program's.
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
  if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --color ]]; then
    COMPREPLY=($(compgen -W "auto always never" -- "$word"))
    return
  fi
  case $command in
    pid) COMPREPLY=($(compgen -W "--json --plain --color --connect --servername --starttls --watch --help" -- "$word")) ;;
    host) COMPREPLY=($(compgen -W "--json --plain --color --servername --starttls --as --help" -- "$word") $(compgen -A hostname -- "$word")) ;;
    pcap) COMPREPLY=($(compgen -W "--json --plain --color --keylog --as --help" -- "$word") $(compgen -f -- "$word")) ;;
    run) COMPREPLY=($(compgen -W "--json --plain --color --keylog --no-probe --store --help --" -- "$word")) ;;
    scan) COMPREPLY=($(compgen -W "--json --plain --color --root --roots --help" -- "$word") $(compgen -f -- "$word")) ;;
    stores) COMPREPLY=($(compgen -W "--json --plain --color --root --all --as --chain --servername --uid --at-secure --help" -- "$word")) ;;
    fix) COMPREPLY=($(compgen -W "env --store --format --help" -- "$word") $(compgen -f -- "$word")) ;;
    explain) COMPREPLY=($(compgen -W "$(tlswhy codes 2>/dev/null | cut -d' ' -f1)" -- "$word")) ;;
    lab)
      if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W "list build run test exec --help" -- "$word"))
      else COMPREPLY=($(compgen -W "--tls $(tlswhy lab list 2>/dev/null | cut -d' ' -f1)" -- "$word")); fi ;;
  esac
}
complete -o filenames -F _tlswhy tlswhy
