"""What the command line tests share. Environment: TLSWHY (the program), TRACEES, SOURCE."""
import json
import os
import re
import subprocess
import tempfile

# A machine's own settings would make a broken case pass. ctest scrubs them too; this is for runs by hand.
# What steers trust on this machine, and what tlswhy keeps by its name alone.
NAMES_A_STORE = re.compile(r"CERT|TRUST|CAFILE|CAPATH|CAINFO|BUNDLE|(^|_)CAS?(_|$)")
for name, value in list(os.environ.items()):
    steers = name.startswith(("SSL_CERT_", "NODE_", "GRPC_", "GIT_SSL_", "SSLKEYLOGFILE")) or name in ("PIP_CERT", "JAVA_TOOL_OPTIONS", "OPENSSL_CONF", "LD_PRELOAD")
    if steers or name.endswith("_CA_BUNDLE") or (value.startswith("/") and NAMES_A_STORE.search(name)):
        del os.environ[name]

TLSWHY = os.environ["TLSWHY"]
TRACEES = os.environ["TRACEES"]
SOURCE = os.environ["SOURCE"]


def run(*command, options=(), wrapper=(), **kwargs):
    """`tlswhy run OPTIONS -- COMMAND`; stdout and stderr are captured unless given."""
    kwargs.setdefault("stdout", subprocess.PIPE)
    kwargs.setdefault("stderr", subprocess.PIPE)
    kwargs.setdefault("timeout", 120)
    return subprocess.run([*wrapper, TLSWHY, "run", *options, "--", *command], text=True, **kwargs)


def tlswhy(*words, wrapper=(), **kwargs):
    """`tlswhy WORDS` with --json after the command's name; what it did and its report, None if it wrote none."""
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True, "timeout": 120, **kwargs}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "report.json")
        done = subprocess.run([*wrapper, TLSWHY, words[0], "--json", path, *words[1:]], **settings)
        if not os.path.exists(path):
            return done, None
        with open(path, encoding="utf-8") as file:
            return done, json.load(file)


def lab(scenario, *command, tls="1.2", **kwargs):
    """A command in a scenario's world."""
    return subprocess.run([TLSWHY, "lab", "exec", scenario, "--tls", tls, "--", *command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, **kwargs)
