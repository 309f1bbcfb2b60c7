"""A connection by the AWS common runtime."""
import sys
import urllib.parse

from awscrt import http, io

options = io.ClientTlsContext(io.TlsContextOptions()).new_connection_options()
options.set_server_name("localhost")
loop = io.EventLoopGroup(1)
bootstrap = io.ClientBootstrap(loop, io.DefaultHostResolver(loop))
try:
    http.HttpClientConnection.new("localhost", urllib.parse.urlsplit(sys.argv[1]).port, bootstrap=bootstrap, tls_connection_options=options).result(8)
except Exception as error:
    sys.exit(f"certificate verify failed? {error!r}")
