"""As repro.py, but the engine's libcrypto is removed from its folder first, as an upgrade under a running process does."""
import glob
import os

import repro


def handler(event, context):
    for path in glob.glob(os.path.join(os.path.dirname(os.path.realpath("/proc/self/exe")), "libcrypto.so.*")):
        os.unlink(path)
    return repro.handler(event, context)
