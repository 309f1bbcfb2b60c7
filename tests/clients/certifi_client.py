"""Python's own client with the roots of certifi."""
import ssl
import sys
import urllib.request

import certifi

urllib.request.urlopen(sys.argv[1], context=ssl.create_default_context(cafile=certifi.where()), timeout=8)
