"""Calls TLS libraries of C through ctypes, as their own documentation says: foreign.py LIBRARY PATH… https://localhost:PORT/

Prints what the library makes of the peer; status 0 only after a handshake with a peer that it trusts.
"""
import ctypes
import os
import socket
import sys

C = ctypes.CDLL(None)
TEXT, HANDLE = ctypes.c_char_p, ctypes.c_void_p


def handle(function, *arguments):
    function.restype = HANDLE
    return HANDLE(function(*arguments))


def text(function, *arguments):
    function.restype = TEXT
    return function(*arguments).decode(errors="replace")


def openssl(crypto, ssl, port):
    """OpenSSL 1.0.2 on, or a fork of it. One path twice where both are one library."""
    crypto, ssl = ctypes.CDLL(crypto, mode=ctypes.RTLD_GLOBAL), ctypes.CDLL(ssl)
    if hasattr(ssl, "SSL_library_init"):  # before 1.1.0
        ssl.SSL_library_init()
    method = handle(ssl.TLS_client_method if hasattr(ssl, "TLS_client_method") else ssl.SSLv23_client_method)
    context = handle(ssl.SSL_CTX_new, method)
    ssl.SSL_CTX_set_default_verify_paths(context)
    ssl.SSL_CTX_set_verify(context, 1, None)
    connection = handle(ssl.SSL_new, context)
    peer = socket.create_connection(("127.0.0.1", port))
    ssl.SSL_set_fd(connection, peer.fileno())
    if hasattr(ssl, "SSL_ctrl"):  # SSL_set_tlsext_host_name is a macro over it, but in BoringSSL
        ssl.SSL_ctrl(connection, 55, 0, b"localhost")
    if ssl.SSL_connect(connection) == 1:
        return "trusted"
    ssl.SSL_get_verify_result.restype = ctypes.c_long
    code = ssl.SSL_get_verify_result(connection)
    return "%d: %s" % (code, text(crypto.X509_verify_cert_error_string, ctypes.c_long(code)))


def libpq(library, port):
    """PostgreSQL's client; the peer says no word of its protocol behind the handshake."""
    library = ctypes.CDLL(library)
    connection = handle(library.PQconnectdb, b"host=localhost hostaddr=127.0.0.1 user=none dbname=none connect_timeout=5 port=%d" % port)
    said = text(library.PQerrorMessage, connection)
    return "trusted" if "server closed the connection unexpectedly" in said or "expected authentication request" in said else said


def mariadb(library, port):
    """MariaDB Connector/C, told to check the peer."""
    library = ctypes.CDLL(library)
    connection = handle(library.mysql_init, None)
    yes = ctypes.byref(ctypes.c_byte(1))
    for option in (21, 38):  # MYSQL_OPT_SSL_VERIFY_SERVER_CERT, MYSQL_OPT_SSL_ENFORCE
        library.mysql_optionsv(connection, option, yes)
    library.mysql_optionsv(connection, 9, ctypes.byref(ctypes.c_int(1)))  # MYSQL_OPT_PROTOCOL, TCP
    library.mysql_real_connect(connection, b"localhost", b"none", b"none", None, port, None, ctypes.c_ulong(0))
    said = text(library.mysql_error, connection)
    return "trusted" if "Lost connection" in said else said


def wolfssl(library, port):
    library = ctypes.CDLL(library)
    library.wolfSSL_Init()
    context = handle(library.wolfSSL_CTX_new, handle(library.wolfTLSv1_2_client_method))
    library.wolfSSL_CTX_set_verify(context, 1, None)
    library.wolfSSL_CTX_load_system_CA_certs(context)
    connection = handle(library.wolfSSL_new, context)
    peer = socket.create_connection(("127.0.0.1", port))
    library.wolfSSL_set_fd(connection, peer.fileno())
    if library.wolfSSL_connect(connection) == 1:
        return "trusted"
    buffer = ctypes.create_string_buffer(160)
    library.wolfSSL_ERR_error_string_n(ctypes.c_ulong(library.wolfSSL_get_error(connection, -1)), buffer, ctypes.c_ulong(160))
    return buffer.value.decode(errors="replace")


def libcurl(library, port):
    library = ctypes.CDLL(library)
    request = handle(library.curl_easy_init)
    library.curl_easy_setopt(request, 10002, b"https://localhost:%d/" % port)  # CURLOPT_URL
    library.curl_easy_setopt(request, 44, ctypes.c_long(1))  # CURLOPT_NOBODY
    reason = ctypes.create_string_buffer(256)
    library.curl_easy_setopt(request, 10010, reason)  # CURLOPT_ERRORBUFFER
    code = library.curl_easy_perform(request)
    return "trusted" if code == 0 else "%d: %s" % (code, reason.value.decode(errors="replace"))


if __name__ == "__main__":
    said = {"openssl": openssl, "libpq": libpq, "mariadb": mariadb, "wolfssl": wolfssl, "libcurl": libcurl}[sys.argv[1]](*sys.argv[2:-1], int(sys.argv[-1].rstrip("/").rpartition(":")[2]))
    print(said, flush=True)
    os._exit(0 if said == "trusted" else 1)  # the libraries' own exit handlers are not the matter here
