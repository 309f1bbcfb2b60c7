"""A Python client as people write it: client.py URL, or handler(event, context) in an engine."""
import sys
import urllib.request


def handler(event, context):
    return urllib.request.urlopen(event["url"], timeout=10).status


if __name__ == "__main__":
    print(handler({"url": sys.argv[1]}, None))
