#!/usr/bin/env python3
"""What watching costs: commands bare, under `tlswhy run`, under a tracer that stops at the same calls and does nothing there (floor.cc),
and under strace with and without its seccomp filter.

watching.py TLSWHY [--runs N]

All in one world, the ways in turn, as a machine is faster one minute than the next, and another one first each time, with a pause before
each run, which must not pay for what the last one left to be taken down; the median of N runs each, of short commands of eight times as
many. Ratios and differences are medians too: of the runs of one turn to the bare command's in the same turn. strace traces the calls that
tlswhy stops at and writes nowhere.
"""
import json
import operator
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

CALLS = ("openat,openat2,newfstatat,statx,faccessat,faccessat2,open,stat,lstat,access,readlink,readlinkat,connect,getsockopt,shutdown,write,sendto,"
         "read,recvfrom,writev,readv,sendmsg,recvmsg,sendmmsg,recvmmsg,sendfile,splice,landlock_restrict_self,io_uring_setup,ptrace")
SHORT = 0.1  # seconds
FOLDER = pathlib.Path(__file__).resolve().parent


def tree(base, files=100_000):
    """A directory tree with that many files."""
    for i in range(files // 500):
        folder = os.path.join(base, f"d{i % 20}", f"e{i}")
        os.makedirs(folder)
        for j in range(500):
            os.close(os.open(os.path.join(folder, f"f{j}"), os.O_CREAT | os.O_WRONLY))


def workloads(base):
    tree(os.path.join(base, "tree"))
    storm = os.path.join(base, "configure.sh")
    with open(storm, "w", encoding="ascii") as file:
        file.write("i=0\nwhile [ $i -lt 300 ]; do\n  x=$(echo $i | sed s/1/2/)\n  /bin/true; test -f /etc/hosts; i=$((i+1))\ndone\n")
    git = os.path.join(base, "repo")
    subprocess.run(["git", "init", "-q", git], check=True)
    found = {
        "200 HTTPS requests by Python": f"/usr/bin/python3 {FOLDER}/client.py 200",
        "git status": f"git -C {git} status",
        "fork and exec storm (configure)": f"sh {storm}",
        "walk over 100k files": f"find {base}/tree -newer /etc/hosts -name no-such",
    }
    if subprocess.run(["which", "node"], capture_output=True).returncode == 0:
        found["node start-up"] = "node -e 0"
    return found


def rounds(tlswhy, commands, count, times):
    """Adds that many runs of each command to `times`, two of each in turn."""
    commands = list(commands)
    for turn in range((count + 1) // 2):
        order = [(turn + i) % len(commands) for i in range(len(commands))]
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            hyperfine = ["hyperfine", "-N", "-i", "--runs", "2", "--prepare", "sleep 0.03", "--export-json", file.name,
                         *(commands[i] for i in order)]
            subprocess.run([tlswhy, "lab", "exec", "works-system-python", "--tls", "1.3", "--", *hyperfine], check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            for i, result in zip(order, json.load(open(file.name, encoding="utf-8"))["results"]):
                times[i].extend(result["times"])


def measure(tlswhy, bare, runs):
    floor = pathlib.Path(tlswhy).parent / "bench-floor"  # its target in the build
    ways = {"bare": bare, "tlswhy run": f"{tlswhy} run -- {bare}", "stops alone": f"{floor} {bare}",
            "strace --seccomp-bpf": f"strace -f --seccomp-bpf -qq -o /dev/null -e trace={CALLS} {bare}",
            "strace": f"strace -f -qq -o /dev/null -e trace={CALLS} {bare}"}
    rounds(tlswhy, ways.values(), 1, [[] for _ in ways])  # warms up
    times = [[] for _ in ways]
    rounds(tlswhy, ways.values(), runs, times)
    if statistics.median(times[0]) < SHORT:
        rounds(tlswhy, ways.values(), runs * 7, times)
    return dict(zip(ways, times))


def paired(function, times, bare):
    return statistics.median(map(function, times, bare))


def main(arguments):
    tlswhy = str(pathlib.Path(arguments[0]).resolve())
    runs = int(arguments[arguments.index("--runs") + 1]) if "--runs" in arguments else 7
    print(f"median of {runs} runs, of short commands {runs * 8}; added: to the bare command, and as a share of what strace --seccomp-bpf adds")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as base:
        for name, bare in workloads(base).items():
            found = measure(tlswhy, bare, runs)
            print(name)
            added = {way: paired(operator.sub, times, found["bare"]) for way, times in found.items()}
            for way, times in found.items():
                ratio = paired(operator.truediv, times, found["bare"])
                print(f"  {way:<22} {statistics.median(times) * 1000:9.1f} ms  {ratio:5.2f} x bare" +
                      (f"  added {added[way] * 1000:8.1f} ms  {added[way] / added['strace --seccomp-bpf']:5.2f}" if way != "bare" else ""), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
