#pragma once
// The functions of OpenSSL's ABI that a proof calls, found with dlsym in the library under test. Declared
// here and not taken from our own headers: the library may be of any version from 1.0.2 to 3.x, whose
// signatures for these have stayed the same (openssl/x509_vfy.h, ssl.h).

#include <cstddef>
#include <ctime>
#include <string>

#include "base/result.h"

namespace tlswhy::prove {

struct CryptoApi {
  void* (*d2i_X509)(void**, const unsigned char**, long);
  void* (*sk_new_null)();
  int (*sk_push)(void*, void*);
  void* (*X509_STORE_new)();
  int (*X509_STORE_set_default_paths)(void*);
  void* (*X509_STORE_CTX_new)();
  int (*X509_STORE_CTX_init)(void*, void*, void*, void*);
  int (*X509_STORE_CTX_set_default)(void*, const char*);
  int (*X509_verify_cert)(void*);
  int (*X509_STORE_CTX_get_error)(void*);
  int (*X509_STORE_CTX_get_error_depth)(void*);
  const char* (*X509_verify_cert_error_string)(long);
  int (*X509_STORE_add_cert)(void*, void*);
  unsigned long (*ERR_peek_last_error)();
  const char* (*ERR_reason_error_string)(unsigned long);
  void* (*X509_STORE_CTX_get0_param)(void*);
  int (*X509_VERIFY_PARAM_set1_host)(void*, const char*, std::size_t);
  int (*X509_VERIFY_PARAM_set1_ip_asc)(void*, const char*);
  void (*X509_VERIFY_PARAM_set_time)(void*, std::time_t);
  int (*X509_VERIFY_PARAM_set_flags)(void*, unsigned long);
  void (*X509_VERIFY_PARAM_set_auth_level)(void*, int);  // null before 1.1.0
};

struct SslApi {
  const void* (*TLS_client_method)();
  void* (*SSL_CTX_new)(const void*);
  int (*SSL_CTX_set_default_verify_paths)(void*);
  void (*SSL_CTX_set_verify)(void*, int, void*);
  void* (*SSL_new)(void*);
  int (*SSL_set_fd)(void*, int);
  long (*SSL_ctrl)(void*, int, long, void*);
  int (*SSL_connect)(void*);
  long (*SSL_get_verify_result)(const void*);
  void* (*SSL_CTX_get_cert_store)(const void*);
  void* (*SSL_get0_param)(void*);
};

// Maps the library behind `fd` and finds its functions. kUnsupported with the loader's or the symbol's name.
base::Result<CryptoApi> load_crypto(int fd);
base::Result<SslApi> load_ssl(int fd);

}  // namespace tlswhy::prove
