// A TLS client of mbedTLS: mbedtls PORT [CA.pem]. Prints the verification flags.

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <stdio.h>

int main(int argc, char** argv) {
  mbedtls_net_context net;
  mbedtls_ssl_context ssl;
  mbedtls_ssl_config config;
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_x509_crt anchors;
  if (argc < 2) return 2;
  mbedtls_net_init(&net);
  mbedtls_ssl_init(&ssl);
  mbedtls_ssl_config_init(&config);
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  mbedtls_x509_crt_init(&anchors);
  mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0);
  if (argc > 2 && mbedtls_x509_crt_parse_file(&anchors, argv[2]) < 0) return 3;
  if (mbedtls_net_connect(&net, "127.0.0.1", argv[1], MBEDTLS_NET_PROTO_TCP) != 0) return 4;
  mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  mbedtls_ssl_conf_ca_chain(&config, &anchors, NULL);
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random);
  mbedtls_ssl_setup(&ssl, &config);
  mbedtls_ssl_set_hostname(&ssl, "localhost");
  mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
  const int result = mbedtls_ssl_handshake(&ssl);
  printf("flags %u\n", mbedtls_ssl_get_verify_result(&ssl));
  if (result == 0) mbedtls_ssl_write(&ssl, (const unsigned char*)"GET / HTTP/1.0\r\n\r\n", 18);
  return result == 0 ? 0 : 1;
}
