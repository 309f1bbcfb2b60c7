"""A QSslSocket of Qt 6, or of Qt 5 where that is the one there is."""
import sys
import urllib.parse

try:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtNetwork import QSslSocket
except ImportError:
    from PyQt5.QtCore import QCoreApplication
    from PyQt5.QtNetwork import QSslSocket

application = QCoreApplication([])
socket = QSslSocket()
socket.connectToHostEncrypted("localhost", urllib.parse.urlsplit(sys.argv[1]).port)
if not socket.waitForEncrypted(8000):
    sys.exit(f"certificate verify failed: {socket.errorString()}")
