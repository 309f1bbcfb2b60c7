#!/usr/bin/env python3
"""Writes docs/origin.md, docs/causes.md and the README's first screen from real output.

regenerate-docs.py [--check] TLSWHY

With --check nothing is written; the exit status says whether the committed text is what would be written now, apart from
what differs between machines: pids, anchor counts, versions of the machine's own OpenSSL and glibc.
"""
import difflib
import functools
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUNDLE = "/opt/ScriptEngineServerBin/817186"
ENGINE = f"{BUNDLE}/scriptengine"
EVENT = """--event '{"url": "wss://speech.origin.test/"}'"""
REPRO = f"{ENGINE} invoke /opt/functions/repro.py {EVENT}"
SDK = f"{ENGINE} invoke /opt/functions/sdk.py {EVENT}"

# Number, what the engineer did, what we say, the command.
STEPS = [
    ("read the SDK's output: “…is listening”, then nothing",
     "The program swallowed the error and exited 0; the wire did not.",
     f"tlswhy run --plain -- {SDK} 2>&1 | head -n 8"),
    ("wrote a small `ssl` client and ran it through the engine",
     "`scriptengine` runs a function and reports its traceback.",
     f"{REPRO} 2>&1 | sed -n '1p;$p'"),
    ("captured packets: both Hellos, Certificate, fatal alert 48",
     "The handshake with its version, name, chain and alert, without a capture.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | grep -A 2 'x TLSv'"),
    ("looked at the server's chain for its top issuer",
     "The anchor that the chain needs, by name and signature.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | grep -o 'needs the anchor [^;]*'"),
    ("searched `/etc/ssl/certs/ca-certificates.crt` for that anchor",
     "Where on this machine the anchor is.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | grep -o 'on this machine it is in .*'; tlswhy stores --plain | grep -E '^ok| -> '"),
    ("loaded certifi's bundle into the context: the handshake succeeds",
     "The same chain, the same library, another store: the flip.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | sed -n '/^Proof/,/^$/p'"),
    ("compared `ssl.get_default_verify_paths()` in both places",
     "The engine runs that too; the next step needs no Python.",
     f"{ENGINE} invoke /opt/functions/paths.py"),
    ("read `Lib/ssl.py` and `Modules/_ssl.c`",
     "The values come out of the library: they are read from its code, without running it, and looked up on this machine.",
     f"tlswhy scan --plain {BUNDLE}/libcrypto.so.1.1"),
    ("set `SSL_CERT_FILE`: the handshake succeeds",
     "The fix, offered after it was tried with a handshake.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | sed -n '/^Fix/,/^$/p'"),
    ("read OpenSSL's `x509_def.c` and `cryptlib.h`",
     "OPENSSLDIR and ENGINESDIR of the library.",
     f"tlswhy scan --plain {BUNDLE}/libcrypto.so.1.1 | grep DIR"),
    ("ran `lsof` and `strace`: which libcrypto does the process map?",
     "The library that serves the process, and why the loader chose it.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | grep 'serves this process'"),
    ("ran `strings … | grep OPENSSLDIR`, against the system's",
     "The verdict.",
     f"tlswhy run --plain -- {REPRO} 2>&1 | grep -A 1 '^tlswhy:'"),
    ("loaded the system's libraries first with `ctypes`: success",
     "Only the library swapped: the same engine with the distribution's libssl.",
     f"tlswhy run --plain -- /opt/ScriptEngineServerBin/debian/scriptengine invoke /opt/functions/repro.py {EVENT} 2>&1"),
    ("wanted to ship another distribution's libraries: they need newer glibc symbols",
     "The oldest glibc that a library runs with.",
     f"tlswhy scan --plain {BUNDLE}/libcrypto.so.1.1 | grep glibc"),
    ("rebuilt the library with the right directory and compared `openssl version -a` line by line",
     "Two builds compared. (Relocating or rebuilding a library is not in tlswhy yet.)",
     f"tlswhy scan --plain {BUNDLE}/libcrypto.so.1.1 >/tmp/a; tlswhy scan --plain /opt/ScriptEngineServerBin/debian/libcrypto.so.1.1 >/tmp/b; diff /tmp/a /tmp/b | grep '[<>] *OPENSSLDIR'"),
    ("put both libraries into the engine: the SDK connects",
     "The SDK itself connecting, in the engine, with the fix.",
     f"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt tlswhy run --plain -- {SDK} 2>&1"),
]


def stable(text):
    """Without what differs from run to run."""
    return re.sub(r"\(pid \d+\)", "(pid 817)", text)


def comparable(text):
    """Without what differs from machine to machine."""
    text = re.sub(r"\d+ anchors(, \d+ of them expired)?", "N anchors", text)
    text = re.sub(r"OpenSSL 3\.\d+\.\d+", "OpenSSL 3.x", text)
    text = re.sub(r"(/usr)?/lib/[a-z0-9_]+-linux-gnu", "/lib/ARCH", text)
    text = re.sub(r" \(used by [^)]*\)", "", text)
    return re.sub(r"glibc( +)2\.\d+", "glibc 2.x", text)


@functools.cache
def run_in_lab(tlswhy, command):
    done = subprocess.run([tlswhy, "lab", "exec", "origin", "--tls", "1.2", "--", "sh", "-c", command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    return done.stdout


def in_lab(tlswhy, command):
    """What a command prints in the lab. One that several steps filter runs once: `tlswhy run … 2>&1 | grep …`."""
    watched, pipe, filtering = command.partition(" 2>&1 | ")
    if not pipe or "tlswhy" in filtering.replace("^tlswhy", ""):
        return stable(run_in_lab(tlswhy, command)).rstrip("\n")
    output = run_in_lab(tlswhy, f"{watched} 2>&1")
    done = subprocess.run(["sh", "-c", filtering], input=output, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    return stable(done.stdout).rstrip("\n")


def origin(tlswhy):
    out = ["# The origin case, step by step", "",
           "One real incident, sixteen steps done by hand over days; here each with the one command that does it. All output below is real, made by",
           "`make docs` in the lab's world (`tlswhy lab exec origin -- COMMAND`), where an engine ships CPython 3.9 with an OpenSSL 1.1.1w that was built for",
           "`/usr/local/ssl`. A test checks that it is still what the commands print.", ""]
    for number, (done_by_hand, says, command) in enumerate(STEPS, 1):
        out += [f"## {number}. He {done_by_hand}", "", says, "", "```console", f"$ {command}", in_lab(tlswhy, command), "```", ""]
    return "\n".join(out)


def causes(tlswhy):
    out = ["# Causes", "", "What `tlswhy codes` lists and `tlswhy explain CODE` tells. Codes are permanent.", ""]
    codes = subprocess.run([tlswhy, "codes"], capture_output=True, text=True, check=True).stdout
    for code in [line.split()[0] for line in codes.splitlines()]:
        head, body = subprocess.run([tlswhy, "explain", code], capture_output=True, text=True, check=True).stdout.split("\n\n", 1)
        out += [f"## {head}", "", re.sub(r"^(\S.*)$", r"**\1.**", re.sub(r"^  ", " ", body, flags=re.M), flags=re.M).replace("\n ", "\n").rstrip(), ""]
    return "\n".join(out)


def readme(tlswhy):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command = f"tlswhy run -- {SDK}"
    screen = "\n".join(["```console", f"$ {command}", in_lab(tlswhy, command), "```"])
    return re.sub(r"(<!-- screen -->\n).*?(<!-- /screen -->)", lambda match: match[1] + screen + "\n" + match[2], text, flags=re.S)


def main(arguments):
    check = "--check" in arguments
    tlswhy = [word for word in arguments if word != "--check"][0]
    release = pathlib.Path(tlswhy).resolve().parent.parent / "lab" / "release"
    if check and release.exists() and release.read_text(encoding="ascii").strip() != "bullseye":
        print("skipped: the lab fell back to another release, whose versions differ")
        return 0
    wrong = 0
    for path, make in (("docs/origin.md", origin), ("docs/causes.md", causes), ("README.md", readme)):
        file, text = ROOT / path, make(tlswhy)
        if not check:
            file.write_text(text, encoding="utf-8")
            continue
        old = comparable(file.read_text(encoding="utf-8")).splitlines()
        difference = list(difflib.unified_diff(old, comparable(text).splitlines(), path, "now", lineterm=""))
        if difference:
            wrong = 1
            print("\n".join(difference), "\nrun `make docs`")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
