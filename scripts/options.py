#!/usr/bin/env python3
"""Writes the completions and the option lists of the manual page from the program's own option table.

options.py [--check] TLSWHY

`tlswhy COMMAND --describe-options` tells the table (src/cli/arguments.cc): an option is added there, and nowhere else. With --check
nothing is written; the exit status says whether what is committed is what would be written now.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STACKS = "tlswhy stacks 2>/dev/null | sed -n 's/^\\([a-z0-9-][a-z0-9-]*\\) .*/\\1/p'"
CODES = "tlswhy codes 2>/dev/null | cut -d' ' -f1"
SCENARIOS = "tlswhy lab list 2>/dev/null | cut -d' ' -f1"

# What a value is, by its name in the help: how bash, zsh and fish complete it.
VALUES = {
    "FILE": ("-f", "_files", "-F"), "PATH": ("-f", "_files", "-F"), "BUNDLE": ("-f", "_files", "-F"), "WHO": ("-f", "_files", "-F"), "CMD": ("-c", "_command_names -e", "-F"),
    "DIR": ("-d", "_directories", "-a '(__fish_complete_directories)'"), "UID": ("-u", "_users", "-a '(__fish_complete_users)'"),
    "HOST": ("-A hostname", "_hosts", "-a '(__fish_print_hostnames)'"), "PID": ("", "_pids", "-a '(__fish_complete_pids)'"),
    "STACK": (f'-W "$({STACKS})"', f'($({STACKS}))', f'-a "({STACKS})"'),
    "CODE": (f'-W "$({CODES})"', f'($({CODES}))', f'-a "({CODES})"'),
    "SCENARIO": (f'-W "$({SCENARIOS})"', f'($({SCENARIOS}))', f'-a "({SCENARIOS})"'),
}


class Option:
    def __init__(self, fields):
        what, self.name, count, need, kind, self.help, self.more = fields
        self.operand, self.flag, self.many, self.required = what == "operand", count == "flag", count == "many", need == "required"
        choices = re.search(r"\{([^}]*)\}", kind)
        self.choices = choices.group(1).split(",") if choices else []
        called = re.match(r"[A-Z]+(\[[^\]]*\])?", kind)
        self.value = self.name if self.operand else "" if self.flag else called.group() if called else kind
        if self.value == "TEXT":
            self.value = self.name[2:].upper()

    def key(self):
        return "SCENARIO" if self.operand and self.name == "NAME" else self.value.split("[")[0]


class Command:
    def __init__(self, name, summary):
        self.name, self.summary, self.options, self.parts = name, summary, [], []

    def read(self, lines):
        part = self
        for fields in lines:
            if fields[0] == "command":
                part = Command(fields[1], fields[2])
                self.parts.append(part)
            elif fields[0] == "rest":
                part.options.append(Option(["operand", fields[1], "many", "required", "", "", ""]))
            else:
                part.options.append(Option(fields))
        return self

    def named(self):
        return [option for option in self.options if not option.operand]

    def operands(self):
        return [option for option in self.options if option.operand]


def ask(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def read(tlswhy):
    return [Command(name, summary).read(ask(tlswhy, name, "--describe-options")) for name, summary in ask(tlswhy, "--describe-options")]


NOTE = "Made by scripts/options.py (`make docs`)."


def words(text):
    return text.replace("'", "'\\''")


def of_value(option, shell):
    if option.choices:
        return (f'-W "{" ".join(option.choices)}"', f"({' '.join(option.choices)})", f"-a '{' '.join(option.choices)}'")[shell]
    return VALUES.get(option.key(), ("", "", ""))[shell]


def bash_words(options, operands):
    """What is offered where no value is due: the options, and what the operands can be."""
    out = [f'compgen -W "{" ".join([option.name for option in options] + ["--help"])}" -- "$word"']
    for option in operands:
        if of_value(option, 0):
            out.append(f'compgen {of_value(option, 0)} -- "$word"')
    return "; ".join(out)


def bash(commands):
    values, rest = [], []
    for command in commands:
        for part in [command, *command.parts]:
            for option in part.named():
                offered = f'($(compgen {of_value(option, 0)} -- "$word"))' if of_value(option, 0) else "()"
                line = f"    {command.name}:{option.name}) COMPREPLY={offered}; return ;;"
                if not option.flag and line not in values:
                    values.append(line)
        if command.parts:
            names = " ".join(part.name for part in command.parts)
            own = "".join(f" {option.name}" for option in command.named())
            rest.append(f'    {command.name}:2) COMPREPLY=($(compgen -W "{names}{own} --help" -- "$word")) ;;')
            for part in command.parts:
                rest.append(f'    {command.name}:*) [[ ${{COMP_WORDS[2]}} == {part.name} ]] && COMPREPLY=($({bash_words(part.named(), part.operands())})) ;;&')
        else:
            rest.append(f"    {command.name}:*) COMPREPLY=($({bash_words(command.named(), command.operands())})) ;;")
    names = " ".join(command.name for command in commands)
    return "\n".join([
        "# bash completion for tlswhy", f"# {NOTE}", "_tlswhy() {", "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} i",
        '  # After "--" the words are another program\'s.', "  for ((i = 2; i < COMP_CWORD; i++)); do", "    if [[ ${COMP_WORDS[i]} == -- ]]; then",
        '      if declare -F _command_offset >/dev/null; then _command_offset $((i + 1)); else COMPREPLY=($(compgen -o default -- "$word")); fi',
        "      return", "    fi", "  done", "  if ((COMP_CWORD == 1)); then", f'    COMPREPLY=($(compgen -W "{names} --help --version" -- "$word"))',
        "    return", "  fi", "  case $command:${COMP_WORDS[COMP_CWORD - 1]} in", *values, "  esac", "  case $command:$COMP_CWORD in", *rest, "  esac", "}",
        "complete -o filenames -F _tlswhy tlswhy", ""])


def zsh_text(text):
    return words(re.sub(r"([\[\]:\\])", r"\\\1", text))


def zsh_specs(part):
    out = []
    for option in part.named():
        value = "" if option.flag else f":{zsh_text(option.value.lower())}:{words(of_value(option, 1))}"
        out.append(f"'{'*' if option.many else ''}{option.name}[{zsh_text(option.help)}]{value}'")
    for option in part.operands():
        action = "_normal" if option.name == "CMD" else words(of_value(option, 1))
        times = "*::" if option.name == "CMD" else "*:" if option.many else ":"
        out.append(f"'{times}{zsh_text(option.value.lower())}:{action}'")
    return " ".join([*out, "'--help[help]'"])


def zsh(commands):
    cases = []
    for command in commands:
        if command.parts:
            names = " ".join(part.name for part in command.parts)
            inner = " ".join(f"{part.name}) _arguments {zsh_specs(part)} ;;" for part in command.parts)
            cases.append(f"  {command.name}) if (( CURRENT == 2 )); then _values action {names}; else local part=$words[2]; shift words; (( CURRENT-- )); case $part in {inner} esac; fi ;;")
        else:
            cases.append(f"  {command.name}) _arguments {zsh_specs(command)} ;;")
    listed = [f"  '{command.name}:{zsh_text(command.summary)}'" for command in commands]
    return "\n".join(["#compdef tlswhy", "# zsh completion for tlswhy", f"# {NOTE}", "local -a commands", "commands=(", *listed, ")",
                      "if (( CURRENT == 2 )); then", "  _describe command commands", "  return", "fi", "local command=$words[2]", "shift words", "(( CURRENT-- ))",
                      "case $command in", *cases, "esac", ""])


def fish_options(part, seen):
    out = []
    for option in part.named():
        value = "" if option.flag else " -r" if of_value(option, 2) == "-F" else " -x"
        action = "" if option.flag else (" " + of_value(option, 2)).rstrip()
        out.append(f"complete -c tlswhy -n '{seen}' -l {option.name[2:]}{value}{action} -d '{words(option.help)}'")
    out += [f"complete -c tlswhy -n '{seen}' {of_value(option, 2)}" for option in part.operands() if of_value(option, 2)]
    return out


def fish(commands):
    out = ["# fish completion for tlswhy", f"# {NOTE}", "complete -c tlswhy -f"]
    out += [f"complete -c tlswhy -n __fish_use_subcommand -a {command.name} -d '{words(command.summary)}'" for command in commands]
    for command in commands:
        out += fish_options(command, f"__fish_seen_subcommand_from {command.name}")
        if command.parts:
            out.append(f"complete -c tlswhy -n '__fish_seen_subcommand_from {command.name}' -a '{' '.join(part.name for part in command.parts)}'")
        for part in command.parts:
            out += fish_options(part, f"__fish_seen_subcommand_from {command.name}; and __fish_seen_subcommand_from {part.name}")
    return "\n".join([*out, ""])


def man_words(text):
    """As one line of mdoc: no macro at its start, no escape in it."""
    text = text.replace("\\", "\\e")
    return "\\&" + text if text[:1] in (".", "'") else text


def man_value(option):
    return f" Ar {option.value}" if option.value else ""


def synopsis(commands):
    out = []
    for command in commands:
        own = [command] if command.named() or not command.parts else []
        for part in [*command.parts, *own]:
            out += [".Nm", f".Cm {command.name}" + (f" {part.name}" if part is not command else "")]
            out += [f".Op Fl -{option.name[2:]}{man_value(option)}" for option in part.named()]
            for option in part.operands():
                if option.name == "CMD":
                    out.append(".Fl -")
                text = f"{option.name}" + (" ..." if option.many else "")
                out.append(f".Ar {text}" if option.required else f".Op Ar {text}")
    return "\n".join(out) + "\n"


def option_list(commands):
    """Each option once; where two commands mean the same by it, with both."""
    parts = [(command, part) for command in commands for part in [command, *command.parts]]
    entries = {}
    for command, part in parts:
        for option in part.named():
            entries.setdefault((option.name, option.value, option.help, option.more, tuple(option.choices)), []).append(command.name)
    out = [".Bl -tag -width \"--no-probe\""]
    for (name, value, help_text, more, choices), users in sorted(entries.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        out.append(f".It Fl -{name[2:]}" + (f" Ar {value}" if value else ""))
        out.append(".Pq " + " , ".join(f"Cm {user}" for user in users) if len(users) < 8 else ".Pq all but Cm lab")
        named = re.match(r"[a-z]+", help_text)
        said = help_text if named and named.group() in choices else help_text[0].upper() + help_text[1:]
        out.append(man_words(said.rstrip(".…") + "."))
        if choices and not all(choice in help_text for choice in choices):
            out.append("One of " + ", ".join(choices) + ".")
        if more:
            out.append(man_words(more))
    return "\n".join([*out, ".El"]) + "\n"


def manual(commands):
    text = (ROOT / "docs/tlswhy.1").read_text(encoding="utf-8")
    for name, made in (("synopsis", synopsis(commands)), ("options", option_list(commands))):
        text = re.sub(rf'(\.\\" {name} made by scripts/options\.py\n).*?(\.\\" end of {name}\n)', lambda match: match[1] + made + match[2], text, flags=re.S)
    return text


def made(tlswhy):
    commands = read(tlswhy)
    return {"packaging/completions/tlswhy.bash": bash(commands), "packaging/completions/_tlswhy": zsh(commands), "packaging/completions/tlswhy.fish": fish(commands),
            "docs/tlswhy.1": manual(commands)}


def stale(tlswhy):
    """The files that say something else than the option table."""
    return [name for name, text in made(tlswhy).items() if (ROOT / name).read_text(encoding="utf-8") != text]


def main(arguments):
    [tlswhy] = [word for word in arguments if word != "--check"]
    if "--check" in arguments:
        for name in stale(tlswhy):
            print(f"{name}: not what the option table says; run `make docs`")
        return 1 if stale(tlswhy) else 0
    for name, text in made(tlswhy).items():
        (ROOT / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
