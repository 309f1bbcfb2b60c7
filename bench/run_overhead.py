#!/usr/bin/env python3
"""What watching costs: `tlswhy run -- python3 client.py` (50 handshakes) beside the bare command and strace.

run_overhead.py TLSWHY [--runs N]

All in one world, one after the other, in turns; the median of N runs each, and ratios to the bare command. strace traces
the calls that tlswhy stops at, once with and once without its own seccomp filter.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

CALLS = ("openat,openat2,newfstatat,statx,faccessat,faccessat2,open,stat,lstat,access,dup,dup2,dup3,fcntl,connect,write,sendto,read,"
         "recvfrom,writev,readv,sendmsg,recvmsg")


def main(arguments):
    tlswhy = str(pathlib.Path(arguments[0]).resolve())
    runs = arguments[arguments.index("--runs") + 1] if "--runs" in arguments else "15"
    folder = pathlib.Path(__file__).resolve().parent
    bare = f"/usr/bin/python3 {folder}/client.py"
    commands = {
        "bare": bare,
        "tlswhy run": f"{tlswhy} run -- {bare}",
        "strace -f --seccomp-bpf, same calls": f"strace -f --seccomp-bpf -qq -o /dev/null -e trace={CALLS} {bare}",
        "strace -f, same calls": f"strace -f -qq -o /dev/null -e trace={CALLS} {bare}",
    }
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        hyperfine = ["hyperfine", "-N", "--warmup", "2", "--runs", runs, "--export-json", file.name, *commands.values()]
        subprocess.run([tlswhy, "lab", "exec", "works-system-python", "--tls", "1.3", "--", *hyperfine], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        results = json.load(open(file.name, encoding="utf-8"))["results"]
    base = results[0]["median"]
    print(f"50 TLS 1.3 handshakes by Python, median of {runs} runs")
    for name, result in zip(commands, results):
        print(f"  {name:<38} {result['median'] * 1000:8.1f} ms   {result['median'] / base:5.2f} x bare   added {1000 * (result['median'] - base):7.1f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
