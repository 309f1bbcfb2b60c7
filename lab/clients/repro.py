"""A small WebSocket client over plain `ssl`, as the engineer of the origin case wrote it.

handler(event, context): event {"url": "wss://host[:port]/"}; returns the server's echo, or raises what the
connection raised. Also a program: repro.py URL.
"""
import base64
import os
import socket
import ssl
import struct
import sys
from urllib.parse import urlsplit


def connect(url):
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    raw = socket.create_connection((parts.hostname, port), timeout=10)
    if parts.scheme != "wss":
        return raw
    return ssl.create_default_context().wrap_socket(raw, server_hostname=parts.hostname)


def echo(url, text):
    """Upgrades to WebSocket (RFC 6455 §4.1), sends one text frame, returns the payload that comes back."""
    with connect(url) as sock:
        key = base64.b64encode(os.urandom(16)).decode()
        host = urlsplit(url).hostname
        sock.sendall((f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        stream = sock.makefile("rb")
        status = stream.readline().decode()
        if " 101 " not in status:
            raise ConnectionError(f"no WebSocket here: {status.strip()}")
        while stream.readline() not in (b"\r\n", b""):
            pass
        mask, data = os.urandom(4), text.encode()
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        sock.sendall(struct.pack("!BB", 0x81, 0x80 | len(data)) + mask + body)
        length = stream.read(2)[1]
        return stream.read(length).decode()


def handler(event, context):
    return {"echo": echo(event["url"], "hello")}


if __name__ == "__main__":
    print(handler({"url": sys.argv[1]}, None))
