#!/usr/bin/env python3
"""What scanning a tree costs, warm, beside ripgrep that looks through it for one word, both with two threads.

scanning.py TLSWHY [--tree DIR] [--runs N]

Without --tree one is made of hard links to what this machine has below /usr, in the folder of tlswhy; where links can't be made there, /usr itself is scanned.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import time


def make_tree(folder):
    tree = folder / "scanned-tree"
    if not tree.exists() and subprocess.run(["cp", "-al", "/usr", str(tree)], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        shutil.rmtree(tree, ignore_errors=True)
        return pathlib.Path("/usr")
    return tree


def size(tree):
    files = bytes_ = 0
    for folder, _, names in os.walk(tree):
        for name in names:
            stat = os.lstat(os.path.join(folder, name))
            files, bytes_ = files + 1, bytes_ + stat.st_size
    return files, bytes_


def measure(command, runs):
    """Seconds of each run after one that warms up, and the largest resident size in MiB."""
    taken = []
    for _ in range(runs + 1):
        begun = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        taken.append((time.monotonic() - begun, usage.ru_maxrss >> 10))
    return sorted(taken[1:])


def main(arguments):
    tlswhy = pathlib.Path(arguments[0]).resolve()
    tree = pathlib.Path(arguments[arguments.index("--tree") + 1]) if "--tree" in arguments else make_tree(tlswhy.parent)
    runs = int(arguments[arguments.index("--runs") + 1]) if "--runs" in arguments else 3
    files, held = size(tree)
    print(f"{tree}: {files} files, {held / 1e9:.1f} GB")
    commands = {"tlswhy scan": [str(tlswhy), "scan", "--root", "/", "--json", "-", str(tree)],
                "rg -a -l OPENSSLDIR": ["rg", "-j2", "-uu", "-a", "-l", "OPENSSLDIR", str(tree)]}
    for name, command in commands.items():
        if not shutil.which(command[0]):
            print(f"{name:<22} not here")
            continue
        taken = measure(command, runs)
        print(f"{name:<22} median {taken[len(taken) // 2][0]:6.2f} s  min {taken[0][0]:6.2f} s  at most {max(one[1] for one in taken)} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
