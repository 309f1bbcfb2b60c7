// A TLS client of wolfSSL: wolfssl PORT CA.pem [careless | forks | two PORT]. Prints its error number, 0 for none. careless: does
// not verify; forks: a child does what is left; two: two connections at once, whose handshakes take turns.

#include <wolfssl/options.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wolfssl/ssl.h>

static int connected(unsigned short port) {
  struct sockaddr_in peer = {0};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&peer, sizeof peer) != 0) exit(3);
  return fd;
}

static WOLFSSL* session(WOLFSSL_CTX* context, int fd) {
  WOLFSSL* ssl = wolfSSL_new(context);
  wolfSSL_set_fd(ssl, fd);
  wolfSSL_check_domain_name(ssl, "localhost");
  wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9);
  return ssl;
}

// Goes on with the handshake: its error, 0 when it is done.
static int step(WOLFSSL* ssl) {
  const int result = wolfSSL_connect(ssl);
  return result == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(ssl, result);
}

static int finish(WOLFSSL* ssl, int error) {
  printf("error %d\n", error);
  if (error == 0) wolfSSL_write(ssl, "GET / HTTP/1.0\r\n\r\n", 18);
  return error != 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* how = argc > 3 ? argv[3] : "";
  const unsigned short port = (unsigned short)atoi(argv[1]);
  const int first_fd = connected(port);
  wolfSSL_Init();
  WOLFSSL_CTX* context = wolfSSL_CTX_new(wolfSSLv23_client_method());
  if (wolfSSL_CTX_load_verify_locations(context, argv[2], NULL) != WOLFSSL_SUCCESS) return 4;
  wolfSSL_CTX_set_verify(context, strcmp(how, "careless") == 0 ? WOLFSSL_VERIFY_NONE : WOLFSSL_VERIFY_PEER, NULL);
  WOLFSSL* first = session(context, first_fd);
  int status = 0;
  if (strcmp(how, "forks") == 0 && fork() != 0) return wait(&status) < 0 || status != 0;
  if (strcmp(how, "two") != 0) return finish(first, step(first));

  const int second_fd = connected((unsigned short)atoi(argv[argc - 1]));
  WOLFSSL* second = session(context, second_fd);
  fcntl(first_fd, F_SETFL, O_NONBLOCK);
  fcntl(second_fd, F_SETFL, O_NONBLOCK);
  int one = WOLFSSL_ERROR_WANT_READ, other = WOLFSSL_ERROR_WANT_READ;
  for (; one == WOLFSSL_ERROR_WANT_READ || other == WOLFSSL_ERROR_WANT_READ; usleep(1000)) {
    if (one == WOLFSSL_ERROR_WANT_READ) one = step(first);
    if (other == WOLFSSL_ERROR_WANT_READ) other = step(second);
  }
  return finish(first, one) | finish(second, other);
}
