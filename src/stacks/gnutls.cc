// GnuTLS: lib/system/certs.c add_system_trust with the bundle that is compiled in; wget: src/gnutls.c; git through
// libcurl-gnutls: http.c and lib/vtls/gtls.c. No variable of GnuTLS's own names a store.

#include <array>

#include "stacks/options.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

constexpr auto kDialect = store::Dialect::kGnuTls;

// Not every distribution has one.
void add_directory(TrustBuilder& builder, const std::string& path, const std::string& variable) {
  if (!path.empty()) builder.add(builder.reader.every_file(path, kDialect, true), variable);
}

void ignore_all(TrustBuilder& builder) {
  builder.ignores_openssls("GnuTLS does not read it");
  builder.out.partial_chain = true;
}

}  // namespace

static Trust gnutls_trust(const Spec& spec, TrustBuilder& builder) {
  ignore_all(builder);
  if (!spec.bundle.empty()) builder.add(builder.reader.file(spec.bundle, kDialect), "");
  return std::move(builder.out);
}

// /etc/wgetrc, then the user's; the command line comes before both. A file adds to the machine's store, a directory replaces it.
static Setting wget_setting(const host::Viewpoint& as, const std::string& option, const char* name) {
  if (const std::string value = option_value(as, option); !value.empty()) return {value, option};
  const std::string* own = as.variable_text("WGETRC");
  return setting_in(as, {"/etc/wgetrc", own != nullptr ? *own : as.home() + "/.wgetrc"}, "", name);
}

static Trust wget_trust(const Spec& spec, TrustBuilder& builder) {
  ignore_all(builder);
  const Setting file = wget_setting(builder.as, "--ca-certificate", "ca_certificate");
  const Setting directory = wget_setting(builder.as, "--ca-directory", "ca_directory");
  if (directory.value.empty() && !spec.bundle.empty()) builder.add(builder.reader.file(spec.bundle, kDialect), "");
  if (!directory.value.empty())
    builder.add_named(builder.reader.every_file(directory.value, kDialect, true), "config", directory.by);
  else if (builder.out.anchors.empty())
    add_directory(builder, spec.hashed, "");
  if (!file.value.empty()) builder.add_named(builder.reader.file(file.value, kDialect), "config", file.by);
  return std::move(builder.out);
}

// The system's configuration, then the user's; a variable comes before both. What the repository says is not known here.
static Setting git_setting(const host::Viewpoint& as, const char* name) {
  const std::string home = as.home();
  return setting_in(as, {"/etc/gitconfig", home + "/.config/git/config", home + "/.gitconfig"}, "http", name);
}

static Trust git_trust(const Spec& spec, TrustBuilder& builder) {
  ignore_all(builder);
  const std::string* file = builder.as.variable("GIT_SSL_CAINFO");
  const std::string* directory = builder.as.variable("GIT_SSL_CAPATH");
  const Setting said = file == nullptr ? git_setting(builder.as, "sslCAInfo") : Setting{};
  const std::string path = file != nullptr ? *file : !said.value.empty() ? said.value : spec.bundle;
  builder.add(builder.reader.file(path, kDialect), file != nullptr ? "GIT_SSL_CAINFO" : "");
  if (!said.value.empty()) builder.name_last("config", said.by);
  // The compiled bundle may be missing or bad; a file without a block is no error either.
  if (const facts::Source& source = builder.out.sources.back();
      (file != nullptr || !said.value.empty()) && (!source.error.empty() || source.status == "malformed"))
    builder.out.refusal = "error 77: it can't load " + source.path;
  const Setting folder = directory == nullptr ? git_setting(builder.as, "sslCAPath") : Setting{};
  add_directory(builder,
                directory != nullptr    ? *directory
                : !folder.value.empty() ? folder.value
                                        : spec.hashed,
                directory != nullptr ? "GIT_SSL_CAPATH" : "");
  if (!folder.value.empty()) builder.name_last("config", folder.by);
  return std::move(builder.out);
}

// The library reads nothing of git's.
static Trust libcurl_gnutls_trust(const Spec& spec, TrustBuilder& builder) {
  builder.out.partial_chain = true;
  builder.add(builder.reader.file(spec.bundle, kDialect), "");
  add_directory(builder, spec.hashed, "");
  return std::move(builder.out);
}

// lib/x509/verify.c.
Policy gnutls_policy(const Spec&) {
  Policy out{.level = 0};
  out.end_counts = out.self_issued_count = true;
  out.purposes = Purposes::kExtendedAlone;
  out.search.prefers_valid = true;
  out.constraints_bind_leaf_alone = out.common_extensions_known = out.purpose_with_name_alone = true;
  return out;
}
static Policy without_purpose(const Spec& spec) {
  Policy out = gnutls_policy(spec);
  out.passed_over.push_back(x509::kInvalidPurpose);
  return out;
}

// src/gnutls.c compares the leaf's end by itself.
static Policy wget_policy(const Spec& spec) {
  Policy out = without_purpose(spec);
  out.end_counts = false;
  return out;
}

namespace {
constexpr std::array kMarksOfGit{Mark{.text = "GIT_SSL_CAINFO", .needs = "libcurl"}};
constexpr std::array kKnobsOfGit{Knob{.name = "GIT_SSL_CAINFO", .empty_counts = true},
                                 Knob{.name = "GIT_SSL_CAPATH", .holds = Holds::kDirectory, .empty_counts = true},
                                 Knob{.name = "http.sslCAInfo", .kind = KnobKind::kProperty},
                                 Knob{.name = "http.sslCAPath", .kind = KnobKind::kProperty, .holds = Holds::kDirectory}};
constexpr std::array<std::string_view, 3> kShakeOfGit{"git", "ls-remote", "https://{name}:{port}/"};
constexpr std::array kProgramsOfGit{Program{"/usr/lib/git-core/git-remote-http", "git", "libcurl-gnutls.so"}};
}  // namespace
constinit const Stack kGit{.id = "git",
                           .title = "git",
                           .versions = "with libcurl-gnutls",
                           .standing = Standing::kChecked,
                           .steered_by = "GIT_SSL_CAINFO, GIT_SSL_CAPATH, http.sslCAInfo",
                           .marks = kMarksOfGit,
                           .knobs = kKnobsOfGit,
                           .stands_on = "libcurl",
                           .programs = kProgramsOfGit,
                           .loads = kDialect,
                           .trust = git_trust,
                           .policy = without_purpose,
                           .shake = kShakeOfGit,
                           .runtime = "git-remote-http"};

namespace {
constexpr std::array kMarksOfWget{Mark{.text = "cacertificate", .needs = "libgnutls.so"}};
constexpr std::array kKnobsOfWget{Knob{.name = "--ca-certificate", .kind = KnobKind::kOption, .adds = true},
                                  Knob{.name = "--ca-directory", .kind = KnobKind::kOption, .holds = Holds::kDirectory},
                                  Knob{.name = "ca_certificate", .kind = KnobKind::kProperty, .adds = true},
                                  Knob{.name = "WGETRC", .holds = Holds::kFlag},
                                  Knob{.name = "--pinnedpubkey", .kind = KnobKind::kOption, .holds = Holds::kPin},
                                  Knob{.name = "ca_directory", .kind = KnobKind::kProperty, .holds = Holds::kDirectory}};
constexpr std::array kProgramsOfWget{Program{"/usr/bin/wget", "wget", "libgnutls.so"}};
constexpr std::array<std::string_view, 7> kShakeOfWget{"{exe}", "{options}", "-q", "--spider", "-t1", "-T4", "https://{name}:{port}/"};
}  // namespace
constinit const Stack kWget{.id = "wget",
                            .title = "wget",
                            .versions = "with GnuTLS",
                            .standing = Standing::kChecked,
                            .steered_by = "--ca-certificate, --ca-directory, wgetrc",
                            .marks = kMarksOfWget,
                            .knobs = kKnobsOfWget,
                            .stands_on = "gnutls",
                            .programs = kProgramsOfWget,
                            .loads = kDialect,
                            .trust = wget_trust,
                            .policy = wget_policy,
                            .shake = kShakeOfWget,
                            .runtime = "wget"};

namespace {
constexpr std::array kMarksOfLibcurlGnuTls{Mark{.soname = "libcurl-gnutls.so", .symbol = "curl_easy_init", .version_text = "libcurl/"},
                                           Mark{.symbol = "curl_easy_init", .needs = "libgnutls.so", .version_text = "libcurl/", .library = true}};
constexpr std::array kKnobsOfLibcurlGnuTls{Knob{.name = "CURLOPT_CAINFO", .kind = KnobKind::kProperty},
                                           Knob{.name = "CURLOPT_CAPATH", .kind = KnobKind::kProperty, .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kLibcurlGnuTls{.id = "libcurl-gnutls",
                                     .title = "libcurl with GnuTLS",
                                     .versions = "Debian's",
                                     .standing = Standing::kChecked,
                                     .steered_by = "none: CURLOPT_CAINFO, CURLOPT_CAPATH",
                                     .marks = kMarksOfLibcurlGnuTls,
                                     .knobs = kKnobsOfLibcurlGnuTls,
                                     .stands_on = "gnutls",
                                     .own_places = true,
                                     .loads = kDialect,
                                     .trust = libcurl_gnutls_trust,
                                     .policy = without_purpose};

namespace {
constexpr std::string_view kNamed = "Enabled GnuTLS ";
constexpr std::array kMarksOfGnuTls{Mark{.symbol = "gnutls_certificate_set_x509_system_trust", .version_text = kNamed, .library = true},
                                    // lib/global.c, lib/errors.c.
                                    Mark{.text = "The TLS connection was non-properly terminated.", .version_text = kNamed, .versioned = true}};
constexpr std::array<std::string_view, 5> kShakeOfGnuTls{"{exe}", "{options}", "-p", "{port}", "{name}"};
constexpr std::array kProgramsOfGnuTls{Program{"/usr/bin/gnutls-cli", "gnutls-cli", "libgnutls.so"}};
}  // namespace
constinit const Stack kGnuTls{.id = "gnutls",
                              .title = "GnuTLS",
                              .versions = "3.7",
                              .standing = Standing::kChecked,
                              .steered_by = "the bundle named at build time",
                              .marks = kMarksOfGnuTls,
                              .programs = kProgramsOfGnuTls,
                              .own_places = true,
                              .loads = kDialect,
                              .trust = gnutls_trust,
                              .policy = gnutls_policy,
                              .shake = kShakeOfGnuTls,
                              .runtime = "gnutls-cli"};

}  // namespace tlswhy::stacks
