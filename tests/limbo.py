#!/usr/bin/env python3
"""Compares what real programs make of the chains of C2SP's x509-limbo and Netflix's BetterTLS with what tlswhy says.

limbo.py TLSWHY [--data DIR] [--stack WORD] [--case WORD] [--verbose]

The chains, and what was measured, are data beside the source (../shared/data/limbo, or what LIMBO_DATA or --data names; its README tells
of the fields); without it the status is 77. No program but tlswhy is run. A line for each stack: its cases, how many agree, how many of the
others tests/limbo-exceptions.json gives a reason for. Status 1 when a cell differs that is not listed there ("STACK / CASE": reason).
"""
import argparse
import collections
import csv
import json
import multiprocessing.pool
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[1]
SKIPPED = 77
MEASURED = "2026-11-30T12:00:00Z"  # for cases that name no time: the day the programs were asked
# Column of truth-api.tsv: what --as calls it, and whether it was asked for the name.
FUNCTIONS = {
    "openssl-3.0.19 (no name)": ("openssl@3.0.19", False),
    "openssl-3.0.19 (name)": ("openssl@3.0.19", True),
    "openssl-3.0.19 (name, strict, partial)": ("python@3.13+openssl@3.0.19", True),
    "gnutls-3.7.9 (no name)": ("gnutls@3.7.9", False),
    "gnutls-3.7.9 (name)": ("gnutls@3.7.9", True),
    "go-1.26.8": ("go@1.26.8", True),
    "rustls-0.23 ring": ("rustls-native-certs@0.8.5", True),
    "java-17": ("java@17", True),
}
# The same for truth-handshake.tsv: the rows of tests/matrix/rows.py. OpenSSL's clients there were told no name.
RUNTIMES = {
    "boringssl": ("boringssl", False),
    "bun 1.2.23": ("bun@1.2.23", True),
    "bun 1.4.5": ("bun@1.4.5", True),
    "curl": ("curl@7.88+openssl@3.0.19", True),
    "deno 2.9.6": ("deno@2.9.6", True),
    "git": ("git", True),
    "gnutls-cli": ("gnutls@3.7.9", True),
    "go 1.26.8": ("go@1.26.8", True),
    "mbedtls": ("mbedtls", True),
    "node 20.20.2": ("node@20.20.2+openssl@3.0.19", True),
    "nss": ("nss", True),
    "openssl": ("openssl@3.0.19", False),
    "openssl 1.0.2q": ("openssl@1.0.2q", False),
    "openssl 4.0.1": ("openssl@4.0.1", False),
    "openssl of trixie": ("openssl@3.5.9", False),
    "perl": ("perl@2+openssl@3.0.19", True),
    "python 3.9, OpenSSL 1.1.1, /usr/lib/ssl": ("python@3.9+openssl@1.1.1", True),
    "python of Debian": ("python@3.11+openssl@3.0.19", True),
    "rust native-certs": ("rustls-native-certs@0.8.5", True),
    "s2n": ("s2n", True),
    "wget": ("wget", True),
    "wolfssl": ("wolfssl", True),
}


def table(path):
    """Case: column: what was measured; a cell that could not be read is left out."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    names = [name.strip() for name in rows[0][1:]]
    return {row[0]: {name: value for name, value in zip(names, row[1:]) if value != "-"} for row in rows[1:]}


def reduced(value):
    """"ok", a number of OpenSSL, or "no" in any other words."""
    return value if value == "ok" or value.isdigit() else "no"


def same(real, model):
    """Who tells no number refuses with any."""
    real, model = reduced(real), reduced(model)
    return real == model or (real != "ok" and model != "ok" and "no" in (real, model))


class Limbo:
    def __init__(self, tlswhy, data, word):
        self.tlswhy, self.folder = os.path.abspath(tlswhy), tempfile.TemporaryDirectory()
        self.cases = {one["id"]: one for one in json.loads((data / "cases.json").read_text(encoding="utf-8"))["testcases"]}
        # Each stack: what it is asked as, and its truths by case.
        self.stacks = {}
        for file, columns, prefix in (("truth-api.tsv", FUNCTIONS, ""), ("truth-handshake.tsv", RUNTIMES, "handshake of ")):
            truths = table(data / file)
            for column, (spec, named) in columns.items():
                cells = {case: told[column] for case, told in truths.items() if column in told}
                if word in prefix + column:
                    self.stacks[prefix + column] = (spec, named, cells)

    def files(self, case):
        folder = pathlib.Path(self.folder.name) / case["id"].replace("/", "_")
        folder.mkdir(exist_ok=True)
        (folder / "anchors.pem").write_text("".join(case["trusted_certs"]), encoding="ascii")
        (folder / "chain.pem").write_text(case["peer_certificate"] + "".join(case["untrusted_intermediates"]), encoding="ascii")
        return folder

    def command(self, case, specs, named):
        folder, name = self.files(case), (case["expected_peer_name"] or {}).get("value")
        words = [self.tlswhy, "stores", "--chain", str(folder / "chain.pem"), "--anchors", str(folder / "anchors.pem"), "--at", case["validation_time"] or MEASURED]
        return [*words, *[word for spec in specs for word in ("--as", spec)], *(["--servername", name] if named and name else []), "--json", "-"]

    def ask(self, case):
        """Stack: what tlswhy says of this case. One call for those that are told the name, one for the others."""
        out = {}
        for named in (False, True):
            asked = {name: spec for name, (spec, is_named, cells) in self.stacks.items() if is_named == named and case["id"] in cells}
            specs = sorted(set(asked.values()))
            if not specs:
                continue
            done = subprocess.run(self.command(case, specs, named), capture_output=True, text=True, timeout=300, check=False)
            if done.returncode > 1:
                told = dict.fromkeys(specs, "no answer: " + done.stderr.strip())
            else:
                told = {spec: stack["verdict"] for spec, stack in zip(specs, json.loads(done.stdout)["stacks"])}
            out.update({name: told[spec] for name, spec in asked.items()})
        return case["id"], out


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tlswhy")
    parser.add_argument("--data", default=os.environ.get("LIMBO_DATA") or str(SOURCE / "../shared/data/limbo"))
    parser.add_argument("--stack", default="", help="only stacks whose name holds this")
    parser.add_argument("--case", default="", help="only cases whose name holds this; tells the commands, too, and leaves their files")
    parser.add_argument("--verbose", action="store_true", help="each cell that differs")
    return parser.parse_args()


def main():
    options = arguments()
    data = pathlib.Path(options.data)
    if not (data / "cases.json").exists():
        print(f"no chains in {data}")
        return SKIPPED
    exceptions = json.loads((SOURCE / "tests/limbo-exceptions.json").read_text(encoding="utf-8"))
    limbo = Limbo(options.tlswhy, data, options.stack)
    cases = [case for name, case in limbo.cases.items() if options.case in name]
    with multiprocessing.pool.ThreadPool(os.cpu_count() or 1) as pool:
        told = dict(pool.imap_unordered(limbo.ask, cases))
    if options.case:
        show(limbo, cases)
    failed = False
    for name, (_, _, cells) in limbo.stacks.items():
        count = collections.Counter()
        for case in sorted(set(cells) & set(told)):
            cell, real, model = f"{name} / {case}", cells[case], told[case][name]
            kind = "agree" if same(real, model) else "excepted" if cell in exceptions else "differ"
            count[kind] += 1
            if kind != "agree" and options.verbose:
                print(f"{cell}: really {real[:160]}, by the model {model}" + (f" ({exceptions[cell]})" if cell in exceptions else ""))
            if kind == "agree" and cell in exceptions:
                print(f"{cell}: agrees, and need not be listed in limbo-exceptions.json")
        print(f"{name}: cases {sum(count.values())} agree {count['agree']} excepted {count['excepted']} differ {count['differ']}", flush=True)
        failed = failed or count["differ"] > 0
    return 1 if failed or not told else 0


def show(limbo, cases):
    limbo.folder._finalizer.detach()
    for case in cases:
        print(f"{case['id']}: {case['description']}".strip())
        for named in (False, True):
            specs = sorted({spec for spec, is_named, cells in limbo.stacks.values() if is_named == named and case["id"] in cells})
            if specs:
                print("  " + " ".join(limbo.command(case, specs, named)))


if __name__ == "__main__":
    sys.exit(main())
