#!/usr/bin/env python3
"""How fast `tlswhy pcap` reads: a capture of mixed traffic beside tshark's listing of the same handshakes.

capture.py TLSWHY [MEGABYTES]      as root (it captures on loopback); 1000 megabytes by default
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "cli"), str(ROOT / "bench")]
from authority import Authority  # noqa: E402
import make_capture  # noqa: E402


def record(folder):
    """A capture of real clients: TLS 1.2 and 1.3, good and bad."""
    seed = os.path.join(folder, "seed.pcap")
    authority = Authority(folder)
    capture = subprocess.Popen(["dumpcap", "-q", "-P", "-i", "lo", "-f", "tcp", "-w", seed], stderr=subprocess.PIPE, text=True)
    capture.stderr.readline()
    time.sleep(0.5)
    for version in ("1.2", "1.3"):
        for case in ("ok", "unknown_ca", "expired", "wrong_host"):
            with authority.server(case, version) as server:
                for _ in range(3):
                    subprocess.run(["curl", "-sS", "--cacert", os.path.join(folder, "root.pem"), server.url], capture_output=True)
    time.sleep(1)
    capture.terminate()
    capture.communicate()
    return seed


def timed(command):
    before = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return time.perf_counter() - before, done.stdout


def main(arguments):
    tlswhy, megabytes = str(pathlib.Path(arguments[0]).resolve()), int(arguments[1]) if len(arguments) > 1 else 1000
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        big = os.path.join(folder, "big.pcap")
        make_capture.main(record(folder), big, megabytes)
        size = os.path.getsize(big) / 1e6
        subprocess.run(["cat", big], stdout=subprocess.DEVNULL, check=True)  # into the page cache
        ours, _ = min(timed([tlswhy, "pcap", big]) for _ in range(3))
        measured = subprocess.run(["/usr/bin/time", "-f", "%M", tlswhy, "pcap", big], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        theirs, listing = timed(["tshark", "-r", big, "-Y", "tls.handshake.type == 1", "-T", "fields", "-e", "frame.number"])
        print(f"{size:.0f} MB, {len(listing.split())} handshakes: tlswhy pcap {ours:.2f} s ({size / ours:.0f} MB/s), tshark {theirs:.1f} s ({size / theirs:.0f} MB/s): {theirs / ours:.0f} x; "
              f"{int(measured.stderr.split()[-1]) / 1024:.0f} MiB of memory")


if __name__ == "__main__":
    main(sys.argv[1:])
