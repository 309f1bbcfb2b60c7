#include "prove/library_api.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace tlswhy::prove {

using base::Code;
using base::fail;
using base::Result;

namespace {

Result<void*> map_library(int fd) {
  // RTLD_GLOBAL: libssl's need for its libcrypto is then met by soname from the one mapped before.
  void* handle = ::dlopen(fmt::format("/proc/self/fd/{}", fd).c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return fail(Code::kUnsupported, fmt::format("the library does not load in the sandbox: {}", why != nullptr ? why : "no reason given"));
  }
  return handle;
}

template <typename Function>
bool find(void* handle, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(handle, name));
  return out != nullptr;
}

Result<void> missing(const char* name) { return fail(Code::kUnsupported, fmt::format("the library has no {}", name)); }

}  // namespace

#define TLSWHY_NEED(field) \
  if (!find(*handle, #field, api.field)) return std::unexpected(missing(#field).error())

Result<CryptoApi> load_crypto(int fd) {
  const auto handle = map_library(fd);
  if (!handle) return std::unexpected(handle.error());
  CryptoApi api{};
  // OPENSSL_sk_* since 1.1.0, sk_* before.
  if (!find(*handle, "OPENSSL_sk_new_null", api.sk_new_null)) find(*handle, "sk_new_null", api.sk_new_null);
  if (!find(*handle, "OPENSSL_sk_push", api.sk_push)) find(*handle, "sk_push", api.sk_push);
  if (api.sk_new_null == nullptr || api.sk_push == nullptr) return std::unexpected(missing("sk_push").error());
  TLSWHY_NEED(d2i_X509);
  TLSWHY_NEED(X509_STORE_new);
  TLSWHY_NEED(X509_STORE_set_default_paths);
  TLSWHY_NEED(X509_STORE_CTX_new);
  TLSWHY_NEED(X509_STORE_CTX_init);
  TLSWHY_NEED(X509_STORE_CTX_set_default);
  TLSWHY_NEED(X509_verify_cert);
  TLSWHY_NEED(X509_STORE_CTX_get_error);
  TLSWHY_NEED(X509_STORE_CTX_get_error_depth);
  TLSWHY_NEED(X509_verify_cert_error_string);
  TLSWHY_NEED(X509_STORE_add_cert);
  TLSWHY_NEED(ERR_peek_last_error);
  TLSWHY_NEED(ERR_reason_error_string);
  TLSWHY_NEED(X509_STORE_CTX_get0_param);
  TLSWHY_NEED(X509_VERIFY_PARAM_set1_host);
  TLSWHY_NEED(X509_VERIFY_PARAM_set1_ip_asc);
  TLSWHY_NEED(X509_VERIFY_PARAM_set_time);
  TLSWHY_NEED(X509_VERIFY_PARAM_set_flags);
  find(*handle, "X509_VERIFY_PARAM_set_auth_level", api.X509_VERIFY_PARAM_set_auth_level);
  return api;
}

Result<SslApi> load_ssl(int fd) {
  const auto handle = map_library(fd);
  if (!handle) return std::unexpected(handle.error());
  SslApi api{};
  TLSWHY_NEED(TLS_client_method);
  TLSWHY_NEED(SSL_CTX_new);
  TLSWHY_NEED(SSL_CTX_set_default_verify_paths);
  TLSWHY_NEED(SSL_CTX_set_verify);
  TLSWHY_NEED(SSL_new);
  TLSWHY_NEED(SSL_set_fd);
  TLSWHY_NEED(SSL_ctrl);
  TLSWHY_NEED(SSL_connect);
  TLSWHY_NEED(SSL_get_verify_result);
  TLSWHY_NEED(SSL_CTX_get_cert_store);
  TLSWHY_NEED(SSL_get0_param);
  return api;
}

#undef TLSWHY_NEED

}  // namespace tlswhy::prove
