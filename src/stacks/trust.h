#pragma once
// What a stack trusts, told from files and environment alone: which sources it reads, in which order, how tolerant it is,
// what of it then ends a chain. One file per stack, one line each in trust_table.cc; checked against the real ones by
// tests/matrix. Facts and where they are from: docs/stacks.md.

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/facts.h"
#include "store/anchor_reader.h"

namespace tlswhy::stacks {

// Who looks: a root, rights in it, an environment.
struct Eyes {
  const host::Files& files;
  host::Credentials who;
  std::map<std::string, std::string> env;
  bool at_secure = false;
  store::KnownCertificates* known = nullptr;                                      // parsed before, if any
  const x509::Certificate* top = nullptr;                                         // whose anchor is looked for, if any
  [[nodiscard]] const std::string* variable(const std::string& name) const;       // null: not set
  [[nodiscard]] const std::string* variable_text(const std::string& name) const;  // null: not set, or set to ""
  // The first of these that is set to something, and its name in `variable`; null: none is.
  const std::string* first_of(std::initializer_list<const char*> names, std::string& variable) const;
  // HOME, or the user's directory in /etc/passwd; "" without either.
  [[nodiscard]] std::string home() const;
};

// A stack as a user names it: "openssl@3.0.17", "python@3.11+openssl@3.0.17+dir@/usr/local/ssl".
struct Spec {
  std::string name, version;
  std::string openssl;                      // version of the OpenSSL below
  std::string openssldir = "/usr/lib/ssl";  // these three: the distribution's, Debian's by default
  std::string bundle = "/etc/ssl/certs/ca-certificates.crt", hashed = "/etc/ssl/certs";
  std::string store;           // what the program itself loads: "mbedtls+store@/etc/app/ca.pem"
  bool own_directory = false;  // named by dir@, not the distribution's
  // Takes the three places from the distribution below a root, if it is a known one.
  void take_places(const host::Files& files);
  // True if `version` is `than` or newer; an unknown version is the newest.
  static bool at_least(const std::string& version, std::string_view than);
};
base::Result<Spec> parse_spec(const std::string& text);

// Where a stack looks for an issuer that both the store and the peer give; the last: and at the store if that leads nowhere.
enum class Preference { kStore, kSent, kSentThenStore };

struct Trust {
  std::vector<facts::Source> sources;       // in the stack's order
  std::vector<x509::Certificate> anchors;   // what may end a chain, or stand in one
  std::vector<x509::Certificate> rejected;  // marked as not for TLS servers
  bool partial_chain = false;               // an intermediate may end it
  Preference prefers = Preference::kStore;
  bool openssl_codes = false;  // verdicts are X509_V_ERR_* numbers
  std::string refusal;         // the stack gives up before it connects: why
};

// Standing of what is known about a stack.
enum class Standing { kChecked, kModelled, kRecognised };

struct TrustModel {
  std::string_view name;      // as in --as
  std::string_view versions;  // that the model tells apart
  Standing standing;
  std::string_view knobs;                              // what steers it
  Trust (*trust)(const Spec& spec, const Eyes& eyes);  // null: recognised only
};
std::span<const TrustModel> trust_models();
const TrustModel* find_model(std::string_view name);

// `verdict`: what the stack makes of `chain`, leaf first, as the peer sends it: "ok", "refused", "untrusted", or the number of
// OpenSSL's error: 20 no issuer, 2 no issuer for one of the store, 18 and 19 self-signed, 28 marked as not for servers.
struct Judgement {
  std::string verdict;
  std::vector<x509::Certificate> path;  // from the leaf as far as it goes
};
Judgement judge(const Trust& trust, std::span<const x509::Certificate> chain);

// Adds to a Trust what was read, and a source that tells so.
class TrustBuilder {
 public:
  explicit TrustBuilder(const Eyes& whose) : reader(whose.files, whose.who, whose.known), eyes(whose) {}
  // `variable`: "" for a place that is compiled in.
  void add(store::AnchorSet set, const std::string& variable);
  // The same, without those that what is there already masks.
  void add_behind(store::AnchorSet set, const std::string& variable);
  // A variable that is set and not read; the second: OpenSSL's two.
  void ignored(const std::string& variable, std::string_view why);
  void ignores_openssls(std::string_view why);
  void compiled(std::string_view what);  // a list inside the program
  // BoringSSL's and AWS-LC's.
  void boringssl_file();
  void boringssl_directories();
  // An OpenSSL's default places (x509_d2.c), or one file and directory it is told.
  void openssl_defaults(const Spec& spec);
  void openssl_file(const Spec& spec, const std::string& path, const std::string& variable);
  // A file that its program can't do without; the second: or a hashed directory.
  void openssl_file_or_refuse(const Spec& spec, const std::string& path, const std::string& variable);
  void openssl_path_or_refuse(const Spec& spec, const std::string& path, const std::string& variable);
  // `defaults`: by X509_STORE_set_default_paths, which asks the URI store too; X509_STORE_load_path doesn't.
  void openssl_directories(const Spec& spec, const std::string& list, const std::string& variable, bool defaults = false);

  store::AnchorReader reader;
  const Eyes& eyes;
  Trust out;
};

Trust openssl_trust(const Spec& spec, const Eyes& eyes);
Trust python_trust(const Spec& spec, const Eyes& eyes);
Trust standalone_python_trust(const Spec& spec, const Eyes& eyes);
Trust conda_trust(const Spec& spec, const Eyes& eyes);
Trust mysql_trust(const Spec& spec, const Eyes& eyes);
Trust java_trust(const Spec& spec, const Eyes& eyes);
Trust perl_trust(const Spec& spec, const Eyes& eyes);
Trust truststore_trust(const Spec& spec, const Eyes& eyes);
Trust pyopenssl_trust(const Spec& spec, const Eyes& eyes);
Trust requests_trust(const Spec& spec, const Eyes& eyes);
Trust httpx_trust(const Spec& spec, const Eyes& eyes);
Trust curl_trust(const Spec& spec, const Eyes& eyes);
Trust libcurl_trust(const Spec& spec, const Eyes& eyes);
Trust libcurl_gnutls_trust(const Spec& spec, const Eyes& eyes);
Trust git_trust(const Spec& spec, const Eyes& eyes);
Trust gnutls_trust(const Spec& spec, const Eyes& eyes);
Trust wget_trust(const Spec& spec, const Eyes& eyes);
Trust go_trust(const Spec& spec, const Eyes& eyes);
Trust node_trust(const Spec& spec, const Eyes& eyes);
Trust bun_trust(const Spec& spec, const Eyes& eyes);
Trust deno_trust(const Spec& spec, const Eyes& eyes);
Trust boringssl_trust(const Spec& spec, const Eyes& eyes);
Trust s2n_trust(const Spec& spec, const Eyes& eyes);
Trust libressl_trust(const Spec& spec, const Eyes& eyes);
Trust native_certs_trust(const Spec& spec, const Eyes& eyes);
Trust platform_verifier_trust(const Spec& spec, const Eyes& eyes);
Trust webpki_roots_trust(const Spec& spec, const Eyes& eyes);
Trust native_tls_trust(const Spec& spec, const Eyes& eyes);
Trust uv_trust(const Spec& spec, const Eyes& eyes);
Trust grpc_trust(const Spec& spec, const Eyes& eyes);
Trust certifi_trust(const Spec& spec, const Eyes& eyes);
Trust botocore_trust(const Spec& spec, const Eyes& eyes);
Trust pip_trust(const Spec& spec, const Eyes& eyes);
Trust dotnet_trust(const Spec& spec, const Eyes& eyes);
Trust qt_trust(const Spec& spec, const Eyes& eyes);
Trust libpq_trust(const Spec& spec, const Eyes& eyes);
Trust librdkafka_trust(const Spec& spec, const Eyes& eyes);
Trust p11_kit_trust(const Spec& spec, const Eyes& eyes);
Trust nss_trust(const Spec& spec, const Eyes& eyes);
Trust mbedtls_trust(const Spec& spec, const Eyes& eyes);
Trust wolfssl_trust(const Spec& spec, const Eyes& eyes);

}  // namespace tlswhy::stacks
