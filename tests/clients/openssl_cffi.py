"""The OpenSSL inside a wheel of cryptography, through its own bindings: openssl_cffi.py FOLDER https://localhost:PORT/

Prints what it makes of the peer; status 0 only after a handshake with a peer that it trusts.
"""
import socket
import sys

sys.path.insert(0, sys.argv[1])
try:
    import _openssl
except ImportError:  # since 40 inside the part that is written in Rust
    from cryptography.hazmat.bindings._rust import _openssl

lib, ffi = _openssl.lib, _openssl.ffi


codes = []


@ffi.callback("int(int, X509_STORE_CTX *)")
def verdict(ok, context):
    if not ok:
        codes.append(lib.X509_STORE_CTX_get_error(context))
    return ok


def handshake(peer):
    """0, or the number of what failed."""
    context = lib.SSL_CTX_new(lib.TLS_client_method() if hasattr(lib, "TLS_client_method") else lib.SSLv23_client_method())
    lib.SSL_CTX_set_default_verify_paths(context)
    lib.SSL_CTX_set_verify(context, lib.SSL_VERIFY_PEER, verdict)
    connection = lib.SSL_new(context)
    incoming, outgoing = lib.BIO_new(lib.BIO_s_mem()), lib.BIO_new(lib.BIO_s_mem())
    lib.SSL_set_bio(connection, incoming, outgoing)
    lib.SSL_set_tlsext_host_name(connection, b"localhost")
    lib.SSL_set_connect_state(connection)
    buffer = ffi.new("char[]", 65536)
    while True:
        done = lib.SSL_do_handshake(connection)
        size = lib.BIO_read(outgoing, buffer, 65536)
        if size > 0:
            peer.sendall(ffi.buffer(buffer, size)[:])
        if done == 1 or lib.SSL_get_error(connection, done) != lib.SSL_ERROR_WANT_READ:
            return 0 if done == 1 else codes[0] if codes else -1
        data = peer.recv(65536)
        if not data:
            sys.exit("the peer went away")
        lib.BIO_write(incoming, data, len(data))


if hasattr(lib, "SSL_library_init"):
    lib.SSL_library_init()
code = handshake(socket.create_connection(("127.0.0.1", int(sys.argv[2].rstrip("/").rpartition(":")[2]))))
if code:
    sys.exit("%d: %s" % (code, ffi.string(lib.X509_verify_cert_error_string(code)).decode()))
