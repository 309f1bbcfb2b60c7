#include "x509/path_check.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

namespace tlswhy::x509 {
namespace {

template <typename T, auto Free>
using Owned = std::unique_ptr<T, std::integral_constant<decltype(Free), Free>>;
using Context = Owned<X509_STORE_CTX, &X509_STORE_CTX_free>;
using StoreHandle = Owned<X509_STORE, &X509_STORE_free>;

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

void ask(X509_STORE_CTX* context, const Store& store, const Terms& terms) {
  X509_STORE_CTX_set_default(context, "ssl_server");
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context);
  if (!store.trusted_first) X509_VERIFY_PARAM_clear_flags(wanted, X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_flags(wanted, (store.partial_chain ? X509_V_FLAG_PARTIAL_CHAIN : 0) | (store.trusted_first ? X509_V_FLAG_TRUSTED_FIRST : 0) |
                                          (terms.strict ? X509_V_FLAG_X509_STRICT : 0));
  X509_VERIFY_PARAM_set_auth_level(wanted, terms.level);
  if (terms.time != 0) X509_VERIFY_PARAM_set_time(wanted, terms.time);
  if (terms.host.empty()) return;
  X509_VERIFY_PARAM_set_hostflags(wanted, (terms.common_name_counts ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT) |
                                              (terms.part_of_label ? 0 : X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS));
  if (is_address(terms.host))
    X509_VERIFY_PARAM_set1_ip_asc(wanted, terms.host.c_str());
  else
    X509_VERIFY_PARAM_set1_host(wanted, terms.host.data(), terms.host.size());
}

// Those anchors that may have to do with the chain: a store has a hundred and fifty, and to decode all their keys takes longer than the rest.
std::vector<const Certificate*> concerned(std::span<const Certificate> chain, std::span<const Certificate> anchors) {
  std::set<std::string> wanted;
  for (const Certificate& sent : chain) wanted.insert({sent.issuer_hash(), sent.subject_hash()});
  std::map<std::string, std::vector<const Certificate*>> by_subject;
  for (const Certificate& anchor : anchors) by_subject[anchor.subject_hash()].push_back(&anchor);
  std::vector<const Certificate*> out;
  std::vector<std::string> open(wanted.begin(), wanted.end());
  while (!open.empty()) {
    const auto at = by_subject.find(open.back());
    open.pop_back();
    if (at == by_subject.end()) continue;
    for (const Certificate* anchor : at->second) {
      out.push_back(anchor);
      if (wanted.insert(anchor->issuer_hash()).second) open.push_back(anchor->issuer_hash());
    }
  }
  std::ranges::sort(out);  // as they stand in the store
  return out;
}

void reject(X509_STORE* store, const Certificate& certificate) {
  const unsigned char* at = certificate.der().data();
  const Owned<X509, &X509_free> copy(d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())));
  if (!copy) return;
  X509_add1_reject_object(copy.get(), OBJ_nid2obj(NID_server_auth));
  X509_STORE_add_cert(store, copy.get());
}

// The same certificates as ours, by their addresses: a store and a context hold what they were given.
std::vector<Certificate> path_of(X509_STORE_CTX* context, std::span<const Certificate> chain, const std::vector<const Certificate*>& anchors) {
  std::vector<Certificate> out;
  const STACK_OF(X509)* built = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; built != nullptr && i < sk_X509_num(built); ++i) {
    const X509* wanted = sk_X509_value(built, i);
    const auto sent = std::ranges::find(chain, wanted, &Certificate::handle);
    const auto stored = std::ranges::find(anchors, wanted, [](const Certificate* anchor) { return anchor->handle(); });
    if (sent != chain.end())
      out.push_back(*sent);
    else if (stored != anchors.end())
      out.push_back(**stored);
  }
  return out;
}

}  // namespace

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> unused{};
  return ::inet_pton(AF_INET, text.c_str(), unused.data()) == 1 || ::inet_pton(AF_INET6, text.c_str(), unused.data()) == 1;
}

ChainCheck verify_chain(std::span<const Certificate> chain, const Store& store, const Terms& terms) {
  ChainCheck out;
  const StoreHandle handle(X509_STORE_new());
  const Context context(X509_STORE_CTX_new());
  const std::unique_ptr<STACK_OF(X509), FreeStack> sent(sk_X509_new_null());
  if (chain.empty() || !handle || !context || !sent) return out;
  const auto anchors = concerned(chain, store.anchors);
  for (const Certificate* anchor : anchors) X509_STORE_add_cert(handle.get(), anchor->handle());
  for (const Certificate& certificate : store.rejected) reject(handle.get(), certificate);
  for (const Certificate& certificate : chain) sk_X509_push(sent.get(), certificate.handle());
  if (X509_STORE_CTX_init(context.get(), handle.get(), chain.front().handle(), sent.get()) != 1) return out;
  ask(context.get(), store, terms);
  X509_STORE_CTX_set_ex_data(context.get(), 0, &out.faults);
  X509_STORE_CTX_set_verify_cb(context.get(), note);
  X509_verify_cert(context.get());
  ERR_clear_error();
  out.path = path_of(context.get(), chain, anchors);
  return out;
}

std::vector<PathFault> check_path(std::span<const Certificate> path, const Terms& terms) {
  if (path.empty()) return {};
  return verify_chain(path, {path.last(1), {}, true, true}, terms).faults;
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

}  // namespace tlswhy::x509
