#pragma once
// What a stack trusts, told from files and environment alone: which sources it reads, in which order, how tolerant it is,
// what of it then ends a chain. Checked against the real ones by tests/matrix. Facts and where they are from: docs/stacks.md.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/facts.h"
#include "host/viewpoint.h"
#include "store/anchor_reader.h"

namespace tlswhy::stacks {

// A stack as a user names it: "openssl@3.0.17", "python@3.11+openssl@3.0.17+dir@/usr/local/ssl".
struct Spec {
  std::string name, version;
  std::string openssl;                      // version of the OpenSSL below
  std::string openssldir = "/usr/lib/ssl";  // these three: the distribution's, Debian's by default
  std::string bundle = "/etc/ssl/certs/ca-certificates.crt", hashed = "/etc/ssl/certs";
  std::string store;           // what the program itself loads: "mbedtls+store@/etc/app/ca.pem"
  bool own_directory = false;  // named by dir@, not the distribution's
  std::string linkage, path;   // of the file that it was recognised in, "" for a stack that was named
  // Of a library whose own code tells them; "": below openssldir.
  std::string compiled_file = {}, compiled_directory = {};
  // What the program was seen to load, instead of the library's defaults or beside them.
  std::vector<facts::Loaded> loaded = {};
  std::vector<facts::Knob> instead = {};  // what makes it load something else
  bool without_defaults = false;          // it loaded those, and did not ask for the defaults
  [[nodiscard]] std::string cert_file() const { return compiled_file.empty() ? openssldir + "/cert.pem" : compiled_file; }
  [[nodiscard]] std::string cert_directory() const { return compiled_directory.empty() ? openssldir + "/certs" : compiled_directory; }
  // Takes the three places from the distribution below a root, if it is a known one.
  void take_places(const host::Files& files);
  // True if `version` is `than` or newer; an unknown version is the newest.
  static bool at_least(const std::string& version, std::string_view than);
};
base::Result<Spec> parse_spec(const std::string& text);
// A Spec for a stack that was recognised, with the places of the distribution that `files` are of.
Spec spec_of(const facts::Stack& stack, const host::Files& files);

// Where a stack looks for an issuer that both the store and the peer give; the last: and at the store if that leads nowhere.
enum class Preference { kStore, kSent, kSentThenStore };

// A source with what was read there.
struct ReadSource : facts::Source {
  std::vector<x509::Certificate> contents;  // usable anchors
  std::vector<x509::Certificate> unusable;  // there, but not reachable
};

struct Trust {
  std::vector<ReadSource> sources;          // in the stack's order
  std::vector<x509::Certificate> anchors;   // what may end a chain, or stand in one
  std::vector<x509::Certificate> rejected;  // marked as not for TLS servers
  bool partial_chain = false;               // an intermediate may end it
  Preference prefers = Preference::kStore;
  bool openssl_codes = false;     // verdicts are X509_V_ERR_* numbers
  std::string refusal;            // the stack gives up before it connects: why
  bool verifies_nothing = false;  // without a store of its own, and it was not told one
  bool refuses_empty = false;     // that refusal is for want of any anchor
  bool unseen_anchors = false;    // it has more, and which was not seen: no verdict can be told

  // The sources as facts; `top`: the last certificate of a chain, whose anchor may be in them, null for none.
  [[nodiscard]] std::vector<facts::Source> source_facts(const x509::Certificate* top) const;
};

// Standing of what is known about a stack.
enum class Standing { kChecked, kModelled, kRecognised };

// What a stack makes of a chain.
struct Verdict {
  facts::Reason reason = facts::Reason::kUnknown;  // kAccepted; kStoreRefused: it gives up before it connects
  int native = 0;                                  // X509_V_ERR_* where the stack has these numbers; 0 for others
  int depth = 0;                                   // of the certificate that it is about, 0 for the leaf
  std::vector<x509::Certificate> path = {};        // from the leaf as far as it goes

  [[nodiscard]] bool accepted() const { return reason == facts::Reason::kAccepted; }
  // As facts::Stack::verdict: "ok", "refused", "untrusted", or the native number.
  [[nodiscard]] std::string word() const;
};
// Of `chain`, leaf first, as the peer sends it, by its issuers alone. 20 no issuer, 2 no issuer for a certificate of the store, 18 and 19
// self-signed, 28 marked as not for servers.
Verdict judge(const Trust& trust, std::span<const x509::Certificate> chain);

// Adds to a Trust what was read, and a source that tells so.
class TrustBuilder {
 public:
  // `reader`: of the viewpoint's files, with its rights.
  TrustBuilder(const host::Viewpoint& viewpoint, const store::AnchorReader& anchors) : reader(anchors), as(viewpoint) {}
  // `variable`: "" for a place that is compiled in.
  void add(store::AnchorSet set, const std::string& variable);
  // The same, without those that what is there already masks.
  void add_behind(store::AnchorSet set, const std::string& variable);
  // The same for what an option, a file or the program itself names: kind "explicit" or "config", and who says so.
  void add_named(store::AnchorSet set, const char* kind, const std::string& by);
  // The source that was added last is named by an option or a file; nothing for `by` "".
  void name_last(const char* kind, const std::string& by);
  // A variable that is set and not read, with what it would have given; the second: OpenSSL's two; the third: because of AT_SECURE.
  void ignored(const std::string& variable, std::string_view why);
  void ignores_openssls(std::string_view why);
  void silenced(const std::string& variable);
  void compiled(std::string_view what);  // a list inside the program
  // A place that another one comes before, with whether it would have the anchor.
  void passed_over(store::AnchorSet set, const char* kind, std::string_view why);
  // BoringSSL's and AWS-LC's.
  void boringssl_file();
  void boringssl_directories();
  // What the program was seen to load counts, and of the rest what it asked for too. `dialect`: of stacks other than OpenSSL's kin.
  void only_loaded(const Spec& spec, store::Dialect dialect);
  // An OpenSSL's default places (x509_d2.c), or one file and directory it is told.
  void openssl_defaults(const Spec& spec);
  void openssl_file(const Spec& spec, const std::string& path, const std::string& variable);
  // A file that its program can't do without; the second: or a hashed directory.
  void openssl_file_or_refuse(const Spec& spec, const std::string& path, const std::string& variable);
  void openssl_path_or_refuse(const Spec& spec, const std::string& path, const std::string& variable);
  // `defaults`: by X509_STORE_set_default_paths, which asks the URI store too; X509_STORE_load_path doesn't.
  void openssl_directories(const Spec& spec, const std::string& list, const std::string& variable, bool defaults = false);

  const store::AnchorReader& reader;
  const host::Viewpoint& as;
  Trust out;

 private:
  [[nodiscard]] const std::string* named_instead(const Spec& spec, std::string& variable) const;
  void add_loaded(const Spec& spec, const facts::Loaded& one, store::Dialect dialect);
  [[nodiscard]] std::string named_now(const facts::Loaded& one) const;
  [[nodiscard]] store::AnchorSet openssl_bundle(const Spec& spec, const std::string& path) const;
  [[nodiscard]] store::AnchorSet openssl_directory(const Spec& spec, const std::string& path) const;
  void add_source(const store::AnchorSet& set, facts::Source as_what);
  void take(store::AnchorSet set, facts::Source as_what);
  void leave_out(const std::string& variable, std::string_view why, bool would_be);
};

// What a model says of the same viewpoint without any variable.
Trust without_environment(Trust (*model)(const Spec&, TrustBuilder&), const Spec& spec, const TrustBuilder& builder);

// What the model says of this viewpoint; an empty Trust for a stack that is recognised only.
Trust trust_of(const Spec& spec, const host::Viewpoint& as, store::KnownCertificates* known = nullptr);
Trust trust_of(const Spec& spec, const host::Viewpoint& as, const store::AnchorReader& reader);

}  // namespace tlswhy::stacks
