"""Asks a broker for its topics; the peer is none, which is told only behind a handshake."""
import sys

from confluent_kafka.admin import AdminClient

client = AdminClient({"bootstrap.servers": sys.argv[1].removeprefix("https://").rstrip("/"), "security.protocol": "ssl"})
try:
    client.list_topics(timeout=1.5)
except Exception as error:
    sys.exit(str(error))
