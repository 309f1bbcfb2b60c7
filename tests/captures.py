#!/usr/bin/env python3
"""What `tlswhy pcap` says of captures on which it was wrong once.

captures.py TLSWHY [--data DIR]

The captures and what is right are data beside the source (../shared/data/captures, or what CAPTURES_DATA or --data names; its README tells of the
fields); without it the status is 77. Status 1 when a capture is told otherwise than expected.tsv has it, unless it is listed below.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]
SKIPPED = 77
EXCEPTED = {
    "server-side-only.pcap": "a connection is followed from its SYN or its ClientHello on",
    "mixed-link.pcapng": "libpcap reads no file with several link types",
    "as-judges-with-todays-clock.pcap": "its root was made after the capture, and is in no store of the machine",
}


def wrong(tlswhy, data, row):
    """In words what differs; "" for nothing."""
    options = ["--as", "openssl"] if row["file"].startswith("as-") else []
    keys = (data / row["file"]).with_suffix(".keys")
    if keys.exists():
        options += ["--keylog", keys]
    done = subprocess.run([tlswhy, "pcap", "--json", "-", *options, data / row["file"]], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode > 1:
        return f"status {done.returncode}: {done.stderr.strip()}"
    shakes = json.loads(done.stdout)["handshakes"]
    if row["handshakes"] != "-" and len(shakes) != int(row["handshakes"]):
        return f"{len(shakes)} handshakes"
    if not shakes or row["result"] == "-":
        return ""
    first = shakes[0]
    alert = first["alert"] or {"code": None, "sender": ""}
    if first["result"] not in row["result"].split("|"):
        return first["result"]
    if row["fatal alert code"] != "-" and (str(alert["code"]), alert["sender"]) != (row["fatal alert code"], row["sender"]):
        return f"alert {alert}"
    return "not unused" if row["must_say"].startswith("unused") and not first["unused"] else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tlswhy")
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("CAPTURES_DATA", SOURCE.parent / "shared/data/captures"))
    words = parser.parse_args()
    data = pathlib.Path(words.data)
    if not (data / "expected.tsv").exists():
        print(f"no captures in {data}")
        return SKIPPED
    bad = right = 0
    with open(data / "expected.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, ("file", "handshakes", "result", "fatal alert code", "sender", "must_say"), delimiter="\t", restval=""):
            if row["file"] == "file":
                continue
            trouble = wrong(words.tlswhy, data, row)
            right += not trouble
            if trouble and row["file"] not in EXCEPTED:
                bad += 1
                print(f"{row['file']}: {trouble}")
    print(f"captures: {right} right, {len(EXCEPTED)} excepted, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
