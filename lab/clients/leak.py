"""A program that forgets to close what it opens, up to its limit, and then wants to verify a peer: leak.py HOST [SPARE]."""
import os
import resource
import socket
import ssl
import sys

LIMIT = 64


def connect(host, spare):
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))
    raw = socket.create_connection((host, 443), timeout=10)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    left = []
    try:
        while True:
            left.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        for fd in left[:spare]:
            os.close(fd)
    context.set_default_verify_paths()
    with context.wrap_socket(raw, server_hostname=host) as peer:
        return peer.version()


if __name__ == "__main__":
    connect(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
