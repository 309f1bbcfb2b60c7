"""A packaged SDK as in the origin case: it has a TLS client of its own and hides every error.

handler(event, context): event {"url": "wss://host/"}. Prints "is listening" whatever happens.
"""
import sys

from repro import echo


class SpeechRecognizer:
    def __init__(self, url):
        self.url = url
        self.recognized = None

    def start(self):
        try:
            self.recognized = echo(self.url, "hello")
        except Exception:  # the SDK retries in the background and tells nobody
            pass
        print("is listening", flush=True)


def handler(event, context):
    recognizer = SpeechRecognizer(event["url"])
    recognizer.start()
    if recognizer.recognized:
        print("recognized:", recognizer.recognized, flush=True)
    return "started"


if __name__ == "__main__":
    handler({"url": sys.argv[1]}, None)
