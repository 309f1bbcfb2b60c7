#!/usr/bin/env python3
"""Lets a program load shared libraries when one of their functions is first called, instead of at its start.

late-functions.py NM OBJDUMP OUT LIBRARY... -- ARCHIVE...

Writes an assembler file (OUT) that defines every function which an ARCHIVE wants and a LIBRARY has. Each jumps through a
slot of its own, which at first leads to tlswhy_late_function (src/cli/late_function.cc) and then to the real one: what
a linker's procedure linkage table does within a library that is there already. Solaris's ld has this as -z lazyload.
"""
import re
import subprocess
import sys


def symbols(nm, *arguments):
    """(kind, name) of each symbol that nm lists; names without their version."""
    listed = subprocess.run([nm, *arguments], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        if found := re.fullmatch(r"[0-9a-f ]* ?([A-Za-z]) ([^ @]+)(@.*)?", line):
            yield found[1], found[2]


def soname(objdump, library):
    listed = subprocess.run([objdump, "-p", library], capture_output=True, text=True, check=True).stdout
    return re.search(r"SONAME +(\S+)", listed)[1]


def main(nm, objdump, out, *rest):
    split = rest.index("--")
    wanted = {name for kind, name in symbols(nm, *rest[split + 1:]) if kind == "U"}
    lines, names = [], []
    for library in rest[:split]:
        for kind, name in sorted(symbols(nm, "-D", "--defined-only", library), key=lambda one: one[1]):
            if name not in wanted or name in names:
                continue
            if kind not in "TWi":
                sys.exit(f"late-functions: {name} of {library} is no function")
            lines.append(f'late {len(names)}, {name}, "{soname(objdump, library)}"')
            names.append(name)
    with open(out, "w", encoding="ascii") as file:
        file.write('#include "cli/trampoline.S"\n' + "\n".join(lines) + "\nlate_end\n")


main(*sys.argv[1:])
