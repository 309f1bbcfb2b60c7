#!/usr/bin/env python3
"""Runs real programs against stores in every condition, and compares with what tlswhy says of files and environment alone.

matrix.py TLSWHY [--quick] [--extra DIR] [--row WORD] [--column WORD] [--verbose]
The last line: cells N agree M exceptions K. Status 1 when a cell disagrees that is not listed in exceptions.json.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import socket

import columns
import fetch
import pki
import rows

HERE = pathlib.Path(__file__).resolve().parent
NOBODY = 65534
SCRUBBED = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "GIT_TERMINAL_PROMPT": "0"}


class Server(threading.Thread):
    """Answers every connection with an empty page. One for each chain that is sent."""

    def __init__(self, folder, sends):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / f"{sends}.chain", folder / ("leaf.key" if sends == "direct" else "leaf2.key"))
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        try:
            peer.settimeout(10)
            with self.context.wrap_socket(peer, server_side=True) as tls:
                if tls.recv(4096):
                    # git asks for references; one empty line of its protocol is a repository without any.
                    body = b"001e# service=git-upload-pack\n00000000"
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        except (OSError, ssl.SSLError):
            pass


def lay_out(column):
    """In a mount namespace of our own: empty file systems over the places of stores, then the column's files."""
    for place in ("/etc/ssl", "/usr/lib/ssl"):
        pathlib.Path(place).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", place], check=True)
    pathlib.Path(columns.CERTS).mkdir()
    for path, data in column.files.items():
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_bytes(data)
    for path, target in column.links.items():
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(path):
            os.symlink(target, path)
    for path, mode in column.modes.items():
        os.chmod(path, mode)


def real(row, column, port):
    command = row.command(port)
    if column.uid:
        command = ["setpriv", f"--reuid={column.uid}", f"--regid={column.uid}", "--clear-groups", *command]
    try:
        done = subprocess.run(command, env={**SCRUBBED, **row.env, **column.env}, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, cwd="/")
    except subprocess.TimeoutExpired:
        return "?", "timed out"
    text = (done.stdout + done.stderr).decode(errors="replace")
    return rows.understand(text, done.returncode), text


def model(tlswhy, row, column, chain):
    command = [tlswhy, "stores", "--as", row.spec, "--chain", chain, "--json", "-", *(["--uid", str(column.uid)] if column.uid else [])]
    done = subprocess.run(command, env={**SCRUBBED, **row.env, **column.env, "LD_LIBRARY_PATH": ""}, capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        return "?" + done.stderr
    return json.loads(done.stdout)["stacks"][0]["verdict"]


def same(cell):
    return cell["real"] == cell["model"] or (cell["mute"] and cell["real"] == "untrusted" and cell["model"].isdigit())


def run_column(arguments):
    """The child: everything of one column; a line of JSON for each cell."""
    work = json.loads(arguments)
    authority = pki.Pki.__new__(pki.Pki)
    authority.folder = pathlib.Path(work["pki"])
    column = columns.COLUMNS[work["column"]](authority)
    lay_out(column)
    for row in rows.all_rows(work["tlswhy"], pathlib.Path(work["extra"])):
        if row.name not in work["rows"] or (column.uid and not rows.reachable(row.program)):
            continue
        answer, text = real(row, column, work["ports"][column.sends])
        predicted = model(work["tlswhy"], row, column, f"{work['pki']}/{column.sends}.chain")
        print(json.dumps({"row": row.name, "column": work["column"], "real": answer, "model": predicted, "mute": row.mute, "text": text[-600:]}), flush=True)


def fork_column(work):
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run([*unshare, sys.executable, __file__, "--in-column", json.dumps(work)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"column {work['column']}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tlswhy")
    parser.add_argument("--quick", action="store_true", help="only the runtimes that the tests need anyway")
    parser.add_argument("--extra", default="", help="the folder with runtimes fetched for the matrix")
    parser.add_argument("--row", default="")
    parser.add_argument("--column", default="")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    tlswhy = os.path.abspath(options.tlswhy)
    exceptions = {(one["row"], one["column"]): one["why"] for one in json.loads((HERE / "exceptions.json").read_text())}
    cells = agree = excepted = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        authority = pki.Pki(folder)
        servers = {sends: Server(authority.folder, sends) for sends in ("direct", "missing", "full", "rooted")}
        for server in servers.values():
            server.start()
        extra = os.path.abspath(options.extra) if options.extra else folder + "/runtimes"
        if not options.extra:
            fetch.go(pathlib.Path(extra))
        chosen = [row.name for row in rows.all_rows(tlswhy, pathlib.Path(extra)) if (row.quick or not options.quick) and options.row in row.name]
        base = {"pki": folder, "tlswhy": tlswhy, "extra": extra, "rows": chosen, "ports": {sends: server.port for sends, server in servers.items()}}
        works = [{**base, "column": name} for name in columns.COLUMNS if options.column in name]
        print(f"{len(chosen)} runtimes, {len(works)} conditions", flush=True)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for results in pool.map(fork_column, works):
                for cell in results:
                    cells += 1
                    if same(cell):
                        agree += 1
                    elif (cell["row"], cell["column"]) in exceptions:
                        excepted += 1
                    else:
                        print(f"{cell['column']} / {cell['row']}: really {cell['real']}, by the model {cell['model']}", flush=True)
                        if options.verbose:
                            print(cell["text"])
    print(f"cells {cells} agree {agree} exceptions {excepted}")
    return 0 if cells == agree + excepted and cells > 0 else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in-column"]:
        run_column(sys.argv[2])
    else:
        sys.exit(main())
