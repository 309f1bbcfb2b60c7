#!/usr/bin/env python3
"""What a kill of the tracer costs its command: how many of the calls of a program that does nothing but open files fail, while the guardian
takes the tracer's place, with processors at leisure and with one and all of them taken.

killing.py TLSWHY [--kills N]
"""
import errno
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

OPENS = 40_000


def opens():
    """The command: prints how many of its calls failed for want of a tracer, and the microseconds from the first of them to the last."""
    failed = []
    for _ in range(OPENS):
        try:
            os.close(os.open("/nowhere/ssl", os.O_RDONLY))
        except OSError as error:
            if error.errno == errno.ENOSYS:
                failed.append(time.monotonic())
    print(len(failed), round((failed[-1] - failed[0]) * 1e6) if failed else 0)


def kill_once(tlswhy):
    with subprocess.Popen([tlswhy, "run", "--", sys.executable, __file__, "--open"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as front:
        time.sleep(random.uniform(0.15, 0.3))
        children = pathlib.Path(f"/proc/{front.pid}/task/{front.pid}/children").read_text(encoding="ascii").split()
        tracer = next(pid for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == "observer")
        os.kill(int(tracer), signal.SIGKILL)
        return [int(word) for word in front.communicate(timeout=60)[0].split()]


def main(arguments):
    kills = int(arguments[arguments.index("--kills") + 1]) if "--kills" in arguments else 40
    for taken in (0, 1, len(os.sched_getaffinity(0))):
        busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(taken)]
        try:
            seen = [kill_once(arguments[0]) for _ in range(kills)]
        finally:
            for one in busy:
                one.kill()
        failed = [calls for calls, _ in seen if calls > 0]
        print(f"processors taken {taken}: {kills - len(failed)} of {kills} kills unnoticed; in the others {statistics.median(failed or [0]):.0f} of "
              f"{OPENS} calls failed, at most {max(failed, default=0)}, within {max(span for _, span in seen)} µs", flush=True)


if __name__ == "__main__":
    opens() if "--open" in sys.argv else main(sys.argv[1:])
