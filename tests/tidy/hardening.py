#!/usr/bin/env python3
"""Reads from what was built that cmake/hardening.cmake holds.

hardening.py BUILD

BUILD is a build folder of any preset without sanitizers: build/dev, build/release.
"""
import pathlib
import platform
import re
import subprocess
import sys

PROGRAMS = ("tlswhy", "tlswhy-prove", "scriptengine", "tlswhy-lab-server", "tlswhy-lab-static")
CHECKED_CALLS = r"__(mem|str|sn?printf|vsn?printf|fd|read|pread|recv|poll|readlink|fprintf|vfprintf)\w*_chk"


def read(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def program(path):
    """What is missing in a program's headers and symbols."""
    headers, symbols = read("readelf", "-hldW", path), read("nm", "-D", "--undefined-only", path)
    wanted = {
        "position independent": re.search(r"Type: +DYN", headers),
        "a stack that can't be executed": re.search(r"GNU_STACK.* RW ", headers),
        "read-only relocations": "GNU_RELRO" in headers,
        "all of them, bound at the start": re.search(r"BIND_NOW|FLAGS_1.*NOW", headers),
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified calls": re.search(CHECKED_CALLS, symbols),
    }
    if path.name in ("tlswhy", "tlswhy-prove"):
        # What an assertion of the standard library says as it fails.
        wanted["the standard library's assertions"] = b"this->size()" in path.read_bytes()
    return [what for what, found in wanted.items() if not found]


def control_flow(build):
    """Every object of ours goes with control-flow protection. (Programs do only where the distribution's libstdc++.a does.)"""
    if platform.machine() != "x86_64":
        return
    for archive in sorted(build.glob("libtlswhy_*.a")):
        objects = len(read("ar", "t", archive).splitlines())
        marked = len(re.findall(r"x86 feature: IBT, SHSTK", read("readelf", "-nW", archive)))
        if marked != objects:
            yield f"{archive.name}: {objects - marked} of {objects} objects without control-flow protection"


def main(build):
    programs = [build / name for name in PROGRAMS if (build / name).exists()]
    wrong = [f"{path.name}: no {what}" for path in programs for what in program(path)] + list(control_flow(build))
    if not programs:
        wrong.append(f"{build}: nothing is built")
    print("\n".join(wrong) or f"hardening: all in order in {len(programs)} programs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
