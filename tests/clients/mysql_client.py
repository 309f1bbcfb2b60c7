"""MySQL's own client library, in its connector's extension: mysql_client.py [BUNDLE] URL. The peer ends the connection behind the handshake."""
import sys
import urllib.parse

import _mysql_connector

connection = _mysql_connector.MySQL()
try:
    connection.connect(host="127.0.0.1", port=urllib.parse.urlsplit(sys.argv[-1]).port, user="none", password="none",
                       ssl_ca=sys.argv[1] if len(sys.argv) > 2 else None, ssl_verify_cert=True, ssl_disabled=False)
except _mysql_connector.MySQLInterfaceError as error:
    sys.exit(str(error))
