// A TLS client of wolfSSL: wolfssl PORT CA.pem [careless]. Prints its error number, 0 for none.

#include <wolfssl/options.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <wolfssl/ssl.h>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  struct sockaddr_in peer = {0};
  peer.sin_family = AF_INET;
  peer.sin_port = htons((unsigned short)atoi(argv[1]));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&peer, sizeof peer) != 0) return 3;
  wolfSSL_Init();
  WOLFSSL_CTX* context = wolfSSL_CTX_new(wolfSSLv23_client_method());
  if (wolfSSL_CTX_load_verify_locations(context, argv[2], NULL) != WOLFSSL_SUCCESS) return 4;
  wolfSSL_CTX_set_verify(context, argc > 3 ? WOLFSSL_VERIFY_NONE : WOLFSSL_VERIFY_PEER, NULL);
  WOLFSSL* ssl = wolfSSL_new(context);
  wolfSSL_set_fd(ssl, fd);
  wolfSSL_check_domain_name(ssl, "localhost");
  wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9);
  const int result = wolfSSL_connect(ssl);
  printf("error %d\n", result == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(ssl, result));
  if (result == WOLFSSL_SUCCESS) wolfSSL_write(ssl, "GET / HTTP/1.0\r\n\r\n", 18);
  return result == WOLFSSL_SUCCESS ? 0 : 1;
}
