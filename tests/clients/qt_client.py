"""A QSslSocket."""
import sys
import urllib.parse

from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QSslSocket

application = QCoreApplication([])
socket = QSslSocket()
socket.connectToHostEncrypted("localhost", urllib.parse.urlsplit(sys.argv[1]).port)
if not socket.waitForEncrypted(8000):
    sys.exit(f"certificate verify failed: {socket.errorString()}")
