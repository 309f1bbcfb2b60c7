"""A gRPC call; the server knows no HTTP/2, which is told only behind a handshake."""
import sys

import grpc

channel = grpc.secure_channel(sys.argv[1].removeprefix("https://").rstrip("/"), grpc.ssl_channel_credentials())
try:
    channel.unary_unary("/a/b")(b"", timeout=8)
except grpc.RpcError as error:
    sys.exit(f"{error.code()} {error.details()}")
