"""HTTPS requests as Python programs make them: client.py [COUNT]."""
import sys
import urllib.request

for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 200):
    with urllib.request.urlopen("https://speech.origin.test/") as answer:
        answer.read()
