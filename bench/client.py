"""Fifty TLS handshakes with the lab's server, one HTTP request each: client.py [COUNT]."""
import socket
import ssl
import sys

HOST = "speech.origin.test"

context = ssl.create_default_context()
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 50):
    with socket.create_connection((HOST, 443)) as raw, context.wrap_socket(raw, server_hostname=HOST) as peer:
        peer.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        while peer.recv(65536):
            pass
