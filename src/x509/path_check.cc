#include "x509/path_check.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

namespace tlswhy::x509 {
namespace {

template <typename T, auto Free>
using Owned = std::unique_ptr<T, std::integral_constant<decltype(Free), Free>>;
using Context = Owned<X509_STORE_CTX, &X509_STORE_CTX_free>;
using Store = Owned<X509_STORE, &X509_STORE_free>;

// The context's application data is the list of faults; every one is noted and passed over.
int note(int ok, X509_STORE_CTX* context) {
  if (ok != 1) {
    auto* faults = static_cast<std::vector<PathFault>*>(X509_STORE_CTX_get_ex_data(context, 0));
    faults->push_back({X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context)});
  }
  return 1;
}

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

void ask(X509_STORE_CTX* context, const PathRequest& request) {
  X509_STORE_CTX_set_default(context, "ssl_server");
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST | (request.strict ? X509_V_FLAG_X509_STRICT : 0));
  X509_VERIFY_PARAM_set_auth_level(wanted, request.level);
  if (request.time != 0) X509_VERIFY_PARAM_set_time(wanted, request.time);
  if (request.host.empty()) return;
  X509_VERIFY_PARAM_set_hostflags(wanted, request.common_name_counts ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  X509_VERIFY_PARAM_set1_host(wanted, request.host.data(), request.host.size());
}

}  // namespace

std::vector<PathFault> check_path(const PathRequest& request) {
  std::vector<PathFault> faults;
  const Store store(X509_STORE_new());
  const Context context(X509_STORE_CTX_new());
  const std::unique_ptr<STACK_OF(X509), FreeStack> between(sk_X509_new_null());
  if (request.path.empty() || !store || !context || !between) return faults;
  X509_STORE_add_cert(store.get(), request.path.back().handle());
  for (const Certificate& one : request.path) sk_X509_push(between.get(), one.handle());
  if (X509_STORE_CTX_init(context.get(), store.get(), request.path.front().handle(), between.get()) != 1) return faults;
  ask(context.get(), request);
  X509_STORE_CTX_set_ex_data(context.get(), 0, &faults);
  X509_STORE_CTX_set_verify_cb(context.get(), note);
  X509_verify_cert(context.get());
  return faults;
}

PathStrength strength_of(std::span<const Certificate> path) {
  PathStrength out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const EVP_PKEY* key = X509_get0_pubkey(path[i].handle());
    const int bits = key != nullptr && EVP_PKEY_base_id(key) == EVP_PKEY_RSA ? EVP_PKEY_bits(key) : 0;
    if (bits > 0 && (out.smallest_rsa == 0 || bits < out.smallest_rsa)) out.smallest_rsa = bits;
    int digest = NID_undef, unused = NID_undef;
    if (i + 1 == path.size() || OBJ_find_sigid_algs(X509_get_signature_nid(path[i].handle()), &digest, &unused) != 1) continue;
    out.md5 = out.md5 || digest == NID_md5;
    out.sha1 = out.sha1 || digest == NID_sha1;
  }
  return out;
}

bool has_critical_name_constraints(const Certificate& certificate) {
  const int at = X509_get_ext_by_NID(certificate.handle(), NID_name_constraints, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate.handle(), at)) == 1;
}

bool says_key_usage(const Certificate& certificate) { return X509_get_ext_by_NID(certificate.handle(), NID_key_usage, -1) >= 0; }

}  // namespace tlswhy::x509
