"""A long-running program in short: its context is made, the machine's store is put in place of the one it read, it connects.

handler(event, context): event {"host": name, "store": the file it reads, "late": make the context after the change}.
"""
import shutil
import socket
import ssl
import time

SYSTEM = "/etc/ssl/certs/ca-certificates.crt"


def handler(event, context):
    made = None if event.get("late") else ssl.create_default_context()
    time.sleep(1.1)  # file times and process start are compared in seconds
    shutil.copyfile(SYSTEM, event["store"])
    made = made or ssl.create_default_context()
    with socket.create_connection((event["host"], 443), timeout=10) as raw, made.wrap_socket(raw, server_hostname=event["host"]) as peer:
        return peer.version()
