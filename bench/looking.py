#!/usr/bin/env python3
"""What looking costs, warm: the largest program here with OpenSSL in it, a small one, the machine's stores, a running Python.

looking.py TLSWHY [--runs N]
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


def main(arguments):
    tlswhy = str(pathlib.Path(arguments[0]).resolve())
    runs = arguments[arguments.index("--runs") + 1] if "--runs" in arguments else "30"
    held = subprocess.Popen(["/usr/bin/python3", "-c", "import ssl, sys; ssl.create_default_context(); print(flush=True); sys.stdin.read()"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
    held.stdout.readline()
    programs = filter(None, map(shutil.which, ("node", "curl")))
    commands = [f"{tlswhy} {words}" for words in ("--version", "stores", f"pid {held.pid}", *(f"scan {program}" for program in programs))]
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run(["hyperfine", "-N", "-i", "--warmup", "3", "--runs", runs, "--export-json", file.name, *commands], check=True, capture_output=True)
        for command, one in zip(commands, json.load(open(file.name, encoding="utf-8"))["results"]):
            print(f"{command.removeprefix(tlswhy):<30} median {one['median'] * 1000:6.1f} ms  min {one['min'] * 1000:6.1f} ms")
    held.communicate()


if __name__ == "__main__":
    main(sys.argv[1:])
