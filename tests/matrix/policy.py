#!/usr/bin/env python3
"""Compares what real programs make of chains with a flaw with what tlswhy says: policy.py TLSWHY [--extra DIR] [--row WORD] [--column WORD] [--verbose].

The last line: cells N agree M exceptions K. Status 1 when a cell disagrees.
"""
import dataclasses
import os
import pathlib
import shutil
import sys
import tempfile

import columns
import fetch
import matrix
import policy_pki
import rows

ROWS = ("openssl", "python", "node", "go", "java", "gnutls-cli", "curl", "rust native-certs", "bun", "deno", "wget", "git", "ruby", "perl", "php", "libcurl",
        "boringssl", "s2n", "botocore", "pip", "kafka", "qt", "dotnet", "libpq", "nss", "p11-kit", "uv, system", "rust platform",
        "rust native-tls, shared", "requests", "httpx", "aiohttp", "urllib3", "truststore", "pyinstaller", "mysql", "mariadb", "aws-lc", "mbedtls", "wolfssl")


def store(authority, names):
    """The store's files and the variables that name it, for whoever reads what."""
    bundle = authority.pem(*names)
    column = columns.Column({columns.BUNDLE: bundle}, dict(columns.LAYOUT))
    column.env = dict.fromkeys(("NODE_EXTRA_CA_CERTS", "DENO_CERT", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), columns.BUNDLE)
    if shutil.which("certutil"):
        column.files.update(authority.nss(names))
    if shutil.which("keytool"):
        matrix.subprocess.run(["sh", "-c", "for name in " + " ".join(names) + "; do keytool -importcert -noprompt -alias $name -file $name.pem -storetype JKS -keystore store.jks -storepass changeit; done"],
                              cwd=authority.folder, check=True, capture_output=True)
        column.files["/etc/ssl/certs/java/cacerts"] = (authority.folder / "store.jks").read_bytes()
    return column


def run_case(work):
    name, folder, chosen, tlswhy, names, ports = work
    matrix.own_namespace()
    authority = policy_pki.Authority(folder)
    column = store(authority, names)
    matrix.lay_out(column)
    cells = []
    for row in (matrix.ALL_ROWS[number] for number in chosen):
        # Built for a place that no column fills.
        own = dataclasses.replace(column, env={**column.env, "SSL_CERT_FILE": columns.BUNDLE}) if row.name == "boringssl" or "dir@/etc/ssl" in row.spec else column
        answer, text = matrix.real(row, own, ports[row.peer])
        # s_client looks at no name unless it is asked to.
        asked = () if row.spec.startswith("openssl") else ("--servername", "localhost")
        predicted = matrix.model(tlswhy, row, own, str(authority.folder / "sent.chain"), *asked)
        cells.append({"row": row.name, "column": name, "real": answer, "model": predicted, "mute": row.mute, "text": text[-600:]})
    return cells


def main():
    options = matrix.arguments()
    tlswhy = os.path.abspath(options.tlswhy)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        extra = pathlib.Path(os.path.abspath(options.extra or folder + "/runtimes"))
        if not options.extra:
            fetch.go(extra)
        return compare_all(options, tlswhy, extra, pathlib.Path(folder))


def compare_all(options, tlswhy, extra, folder):
    matrix.ALL_ROWS.extend(row for row in rows.all_rows(tlswhy, extra) if row.name.startswith(ROWS) and "/usr/local/ssl" not in row.name and not (row.name.startswith("node") and "--" in row.name) and not row.columns)
    chosen = [number for number, row in enumerate(matrix.ALL_ROWS) if (row.quick or not options.quick) and options.row in row.name]
    works = []
    for name, make in policy_pki.CASES.items():
        if options.column not in name:
            continue
        authority = policy_pki.Authority(folder / name)
        names, sent, leaf = make(authority)
        (authority.folder / "sent.chain").write_bytes(authority.pem(*sent))
        servers = {peer: matrix.Server(authority.folder / "sent.chain", authority.folder / f"{leaf}.key", peer == "mariadb") for peer in ("", "mariadb")}
        for server in servers.values():
            server.start()
        works.append((name, authority.folder, chosen, tlswhy, names, {peer: server.port for peer, server in servers.items()}))
    print(f"{len(chosen)} runtimes, {len(works)} chains", flush=True)
    return matrix.compare(run_case, works, {}, options.verbose)


if __name__ == "__main__":
    sys.exit(main())
