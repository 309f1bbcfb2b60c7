#!/usr/bin/env python3
"""Runs real programs against stores in every condition, and compares with what tlswhy says of files and environment alone.

matrix.py TLSWHY [--quick] [--extra DIR] [--row WORD] [--column WORD] [--verbose]
The last line: cells N agree M exceptions K. Status 1 when a cell disagrees that is not listed in exceptions.json.
"""
import argparse
import ctypes
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

import columns
import fetch
import pki
import rows

HERE = pathlib.Path(__file__).resolve().parent
IS_ROOT = os.geteuid() == 0  # before any namespace; others can't become a second user in one
SCRUBBED = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "GIT_TERMINAL_PROMPT": "0"}


POSTGRES_ASKS = struct.pack(">II", 8, 80877103)  # SSLRequest
# A greeting of protocol 10 that offers TLS (CLIENT_SSL, CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH).
MARIADB_GREETS = b"\x0a10.11.0-MariaDB\0" + struct.pack("<I", 1) + b"12345678\0" + struct.pack("<HBHHB", 0xAA00, 33, 2, 0x0008, 21) + bytes(10) + b"123456789012\0mysql_native_password\0"


class Server(threading.Thread):
    """Answers every connection with an empty page, PostgreSQL's question for TLS with yes. One for each chain that is sent."""

    def __init__(self, chain, key, speaks_first=False):
        super().__init__(daemon=True)
        self.speaks_first = speaks_first
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_ciphers("DEFAULT:@SECLEVEL=0")  # what is weak is for the clients to say
        self.context.load_cert_chain(chain, key)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        try:
            peer.settimeout(10)
            if self.speaks_first:
                peer.sendall(struct.pack("<I", len(MARIADB_GREETS)) + MARIADB_GREETS)
                peer.recv(36, socket.MSG_WAITALL)  # the client's wish for TLS
            elif peer.recv(8, socket.MSG_PEEK) == POSTGRES_ASKS:
                peer.recv(8)
                peer.sendall(b"S")
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
    for number, (path, data) in enumerate(column.bound.items()):
        pathlib.Path(f"/etc/ssl/bound{number}").write_bytes(data)
        subprocess.run(["mount", "--bind", f"/etc/ssl/bound{number}", path], check=True)
    for path, mode in column.modes.items():
        os.chmod(path, mode)


def real(row, column, port):
    command = row.command(port)
    if column.at_secure:
        shutil.copy(shutil.which(command[0]), "/etc/ssl/setuid")
        os.chmod("/etc/ssl/setuid", 0o4755)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/etc/ssl/setuid", *command[1:]]
    elif column.uid:
        command = ["setpriv", f"--reuid={column.uid}", f"--regid={column.uid}", "--clear-groups", *command]
    try:
        done = subprocess.run(command, env={**SCRUBBED, **row.env, **column.env}, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, cwd="/")
    except subprocess.TimeoutExpired:
        return "?", "timed out"
    text = (done.stdout + done.stderr).decode(errors="replace")
    return rows.understand(text, 0 if any(words in text for words in row.trusted) else done.returncode, row.unsaid), text


def model(tlswhy, row, column, chain, *more):
    command = [tlswhy, "stores", "--as", row.spec, "--chain", chain, *more, *(["--at-secure"] if column.at_secure else []), "--json", "-", *(["--uid", str(column.uid)] if column.uid else [])]
    done = subprocess.run(command, env={**SCRUBBED, **row.env, **column.env, "LD_LIBRARY_PATH": ""}, capture_output=True, text=True, timeout=60)
    if done.returncode > 1:
        return "?" + done.stderr
    return json.loads(done.stdout)["stacks"][0]["verdict"]


def same(cell):
    numbers = cell["real"].isdigit() + cell["model"].isdigit()
    return cell["real"] == cell["model"] or (numbers == 1 and "untrusted" in (cell["real"], cell["model"]) and (cell["mute"] or cell["model"] == "untrusted"))


def own_namespace():
    """A mount namespace for this process, and a user namespace first for whoever is not root (unshare(2))."""
    clone_newns, clone_newuser = 0x20000, 0x10000000
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newns | (0 if IS_ROOT else clone_newuser)) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    if not IS_ROOT:
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def belongs(row, name, column):
    """Whether the row has a cell in this column."""
    if not re.search(column.rows, row.name) or not re.search(row.columns, name):
        return False
    if column.at_secure:
        return IS_ROOT and row.copies
    return not column.uid or (IS_ROOT and rows.reachable(row.program))


def run_column(work):
    """In a process of its own: every row of one column."""
    name, authority, chosen, tlswhy, ports = work
    own_namespace()
    column = columns.COLUMNS[name](authority)
    lay_out(column)
    cells = []
    for row in (ALL_ROWS[number] for number in chosen):
        if not belongs(row, name, column):
            continue
        answer, text = real(row, column, ports[column.sends, row.peer])
        predicted = model(tlswhy, row, column, str(authority.folder / f"{column.sends}.chain"))
        cells.append({"row": row.name, "column": name, "real": answer, "model": predicted, "mute": row.mute, "text": text[-600:]})
    return cells


ALL_ROWS = []  # filled before the processes are forked, which inherit it


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tlswhy")
    parser.add_argument("--quick", action="store_true", help="only the runtimes that the tests need anyway")
    parser.add_argument("--extra", default="", help="the folder with runtimes fetched for the matrix")
    parser.add_argument("--row", default="")
    parser.add_argument("--column", default="")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def compare(run, works, exceptions, verbose):
    """Runs all works in processes of their own, and tells what disagrees."""
    cells = agree = excepted = 0
    with multiprocessing.get_context("fork").Pool(os.cpu_count() or 1, maxtasksperchild=1) as pool:
        for results in pool.imap(run, works, chunksize=1):
            for cell in results:
                cells += 1
                if same(cell):
                    agree += 1
                elif (cell["row"], cell["column"]) in exceptions:
                    excepted += 1
                else:
                    print(f"{cell['column']} / {cell['row']}: really {cell['real']}, by the model {cell['model']}", flush=True)
                    if verbose:
                        print(cell["text"])
    print(f"cells {cells} agree {agree} exceptions {excepted}")
    return 0 if cells == agree + excepted and cells > 0 else 1


def main():
    options = arguments()
    tlswhy = os.path.abspath(options.tlswhy)
    exceptions = {(one["row"], one["column"]): one["why"] for one in json.loads((HERE / "exceptions.json").read_text())}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        authority = pki.Pki(folder)
        servers = {(sends, peer): Server(authority.folder / f"{sends}.chain", authority.folder / ("leaf.key" if sends == "direct" else "leaf2.key"), peer == "mariadb")
                   for sends in ("direct", "missing", "full", "rooted") for peer in ("", "mariadb")}
        for server in servers.values():
            server.start()
        extra = os.path.abspath(options.extra) if options.extra else folder + "/runtimes"
        if not options.extra:
            fetch.go(pathlib.Path(extra))
        ALL_ROWS.extend(rows.all_rows(tlswhy, pathlib.Path(extra)))
        chosen = [number for number, row in enumerate(ALL_ROWS) if (row.quick or not options.quick) and options.row in row.name]
        ports = {key: server.port for key, server in servers.items()}
        works = [(name, authority, chosen, tlswhy, ports) for name in columns.COLUMNS if options.column in name]
        print(f"{len(chosen)} runtimes, {len(works)} conditions", flush=True)
        if not options.quick and not options.row:
            missing = rows.without_runtime(tlswhy, ALL_ROWS)
            if missing:
                print(f"no runtime here for {', '.join(missing)}")
        return compare(run_column, works, exceptions, options.verbose)


if __name__ == "__main__":
    sys.exit(main())
