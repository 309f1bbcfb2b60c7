// A client with OpenSSL linked in, as portable programs have it: connects, verifies with the default store.
//   tlswhy-lab-static HOST PORT
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_default_verify_paths(context);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  BIO* peer = BIO_new_ssl_connect(context);
  SSL* session = NULL;
  BIO_get_ssl(peer, &session);
  BIO_set_conn_hostname(peer, argv[1]);
  BIO_set_conn_port(peer, argv[2]);
  SSL_set_tlsext_host_name(session, argv[1]);
  const int connected = BIO_do_connect(peer) == 1;
  if (!connected) fprintf(stderr, "%s\n", X509_verify_cert_error_string(SSL_get_verify_result(session)));
  BIO_free_all(peer);
  SSL_CTX_free(context);
  return connected ? 0 : 1;
}
