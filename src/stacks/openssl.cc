// OpenSSL 1.0.2 to 4.0 as a library or linked in: what it was built for and where it looks. What stands on it without a choice of its own is here,
// too.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "elf/accessor.h"
#include "elf/search.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"
#include "x509/path_check.h"

namespace tlswhy::stacks {
namespace {

// A program counts when it carries the default look-up itself: the directory method's name (by_dir.c) and the literal of
// the variable. The mere word OPENSSLDIR also stands in tools that look for it.
constexpr std::string_view kMethod = "Load certs from files in a directory", kVariable = "SSL_CERT_FILE";
// LibreSSL, BoringSSL and AWS-LC share names with OpenSSL but not its look-up. A file may name them and hold an OpenSSL all the same, which says
// when it is from: forks have no date in their version.
constexpr std::array<std::string_view, 3> kForks{"LibreSSL ", "BoringSSL", "/aws-lc/"};
// crypto/cversion.c.
constexpr std::string_view kDirectory = "OPENSSLDIR: \"", kEngines = "ENGINESDIR: \"", kModules = "MODULESDIR: \"";
constexpr std::array<std::string_view, 3> kNamed{"OpenSSL 1.", "OpenSSL 3.", "OpenSSL 4."};
constexpr std::array<std::string_view, 11> kTexts{kMethod,   kVariable, kForks[0],  kForks[1], kForks[2], kNamed[0],
                                                  kNamed[1], kNamed[2], kDirectory, kEngines,  kModules};

// "1.1.1w" out of "OpenSSL 1.1.1w  11 Sep 2023" (crypto/cversion.c, opensslv.h), or of the same without a date, which is
// what providers call themselves.
struct Version {
  std::string text;
  bool dated = false;
};
Version version_in(const elf::Texts& texts) {
  constexpr std::size_t kWord = 8;  // "OpenSSL "
  std::string undated;
  for (const std::string_view needle : kNamed) {
    const bytes::View data = texts.find(needle);
    for (auto at = elf::find_bytes(data, needle); at; at = elf::find_bytes(data, needle, *at + 1)) {
      const auto text = bytes::c_string(data, *at, "elf", 80);
      if (!text) continue;
      const std::string rest = text->substr(kWord);
      const std::size_t blank = std::min(rest.find(' '), rest.size());
      if (rest.find(" 20", blank) != std::string::npos) return {rest.substr(0, blank), true};  // "11 Sep 2023"
      if (undated.empty() && blank == rest.size()) undated = rest;
    }
  }
  return {undated};
}

std::string quoted(const elf::Texts& texts, std::string_view prefix) { return elf::find_quoted(texts.find(prefix), prefix, '"').value_or(""); }

facts::Build build_of(const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  facts::Build out;
  out.openssldir = quoted(candidate.texts, kDirectory);
  out.enginesdir = quoted(candidate.texts, kEngines);
  out.modulesdir = quoted(candidate.texts, kModules);
  const auto file_path = elf::decode_string_accessor(file, "X509_get_default_cert_file");
  const auto dir_path = elf::decode_string_accessor(file, "X509_get_default_cert_dir");
  if (file_path && dir_path) {
    out.cert_file = *file_path;
    out.cert_dir = *dir_path;
    out.read_by = "accessor";
    if (out.openssldir.empty()) out.openssldir = base::dir_name(out.cert_file);
  } else if (!out.openssldir.empty()) {
    // include/internal/common.h (cryptlib.h before 3.2): X509_CERT_FILE is OPENSSLDIR "/cert.pem", X509_CERT_DIR "/certs".
    out.cert_file = out.openssldir + "/cert.pem";
    out.cert_dir = out.openssldir + "/certs";
    out.read_by = "strings";
  }
  for (std::string* text : {&out.openssldir, &out.enginesdir, &out.modulesdir, &out.cert_file, &out.cert_dir}) *text = base::printable(*text);
  return out;
}

std::optional<facts::Stack> recognise_openssl(const Candidate& candidate) {
  const bool library = plain_soname(candidate.file.soname()).starts_with("libcrypto.so");
  if (!library && !(candidate.holds(kMethod) && candidate.holds(kVariable))) return std::nullopt;
  const Version version = version_in(candidate.texts);
  facts::Stack out;
  out.build = build_of(candidate);
  const bool proven = version.dated && out.build.openssldir.starts_with('/');
  if (!proven && std::ranges::any_of(kForks, [&](std::string_view fork) { return candidate.holds(fork); })) return std::nullopt;
  if (out.build.cert_file.empty() || !out.build.cert_file.starts_with('/')) return std::nullopt;
  out.version = out.build.version = version.text;
  out.linkage = library ? "shared" : "static";
  return out;
}

}  // namespace

bool holds_openssl(const Candidate& candidate) { return recognise_openssl(candidate).has_value(); }

bool wants_local_symbols(const elf::ElfFile& file, const elf::Texts& texts) {
  return !texts.find(kMethod).empty() && !file.find_symbol("X509_get_default_cert_file");
}

Trust openssl_trust(const Spec& spec, TrustBuilder& builder) {
  builder.openssl_defaults(spec);
  // X509_V_FLAG_TRUSTED_FIRST is the default since 1.1.0 (crypto/x509/x509_vpm.c).
  if (!Spec::at_least(spec.openssl, "1.1")) builder.out.prefers = Preference::kSent;
  return std::move(builder.out);
}

namespace {

// 2 since 3.2, before that 1; Debian builds 3.x with 2.
int level_of(const Spec& spec) { return (!spec.own_directory && Spec::at_least(spec.openssl, "3.0")) || Spec::at_least(spec.openssl, "3.2") ? 2 : 1; }

}  // namespace

Policy openssl_policy(const Spec& spec) { return openssl_policy(spec, level_of(spec)); }

Policy openssl_policy(const Spec& spec, int level) {
  Policy out;
  out.level = level;
  out.end_counts = !spec.openssl.empty() && Spec::at_least(spec.openssl, "4.0");
  out.sha1_is_fine = out.level <= 1 && !Spec::at_least(spec.openssl, "3.0");  // 80 bits to 1.1.1, 63 since (crypto/x509/x509_set.c)
  if (Spec::at_least(spec.openssl, "1.1.1")) return out;
  out.issuer_must_sign = true;
  out.anchor_length_counts = false;
  if (Spec::at_least(spec.openssl, "1.1")) return out;
  out.level = 0, out.any_digest_is_fine = true;  // 1.0.2 knows no security level
  out.passed_over.push_back(kNoVerdict);
  out.anchor_extensions_count = out.address_constraints_known = false;
  return out;
}

// Python asks for 2 since 3.10 (Modules/_ssl.c).
int python_level(const Spec& spec) { return Spec::at_least(spec.version, "3.10") ? 2 : level_of(spec); }

// Ruby's post_connection_check and PHP's streams: after the handshake.
static Policy name_last_policy(const Spec& spec) {
  Policy out = openssl_policy(spec);
  out.name_last = true;
  return out;
}

constinit const std::array<Knob, 2> kOpenSslKnobs{Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .silenced = true},
                                                  Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true, .silenced = true}};

namespace {
constexpr std::array kProgramsOfOpenSsl{Program{"/usr/bin/openssl", "openssl", "libcrypto.so"}};
}  // namespace
constinit const Stack kOpenSsl{.id = "openssl",
                               .title = "OpenSSL",
                               .versions = "1.0.2-4.0",
                               .standing = Standing::kChecked,
                               .steered_by = "SSL_CERT_FILE, SSL_CERT_DIR, OPENSSLDIR at build time",
                               .knobs = kOpenSslKnobs,
                               .programs = kProgramsOfOpenSsl,
                               .texts = kTexts,
                               .recognise = recognise_openssl,
                               .base = true,
                               .trust = openssl_trust,
                               .policy = [](const Spec& spec) { return openssl_policy(spec); }};

namespace {
constexpr std::array kMarksOfRuby{Mark{.symbol = "Init_openssl"}};
constexpr std::array kProgramsOfRuby{Program{"/usr/bin/ruby", "ruby", ""}};
}  // namespace
constinit const Stack kRuby{.id = "ruby",
                            .title = "Ruby's openssl",
                            .versions = "Net::HTTP",
                            .standing = Standing::kChecked,
                            .steered_by = "those of its OpenSSL",
                            .marks = kMarksOfRuby,
                            .knobs = kOpenSslKnobs,
                            .programs = kProgramsOfRuby,
                            .asks_base = true,
                            .trust = openssl_trust,
                            .policy = name_last_policy};

namespace {
constexpr std::array kMarksOfPhp{Mark{.symbol = "php_openssl_decrypt"}};
constexpr std::array kKnobsOfPhp{Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .silenced = true},
                                 Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true, .silenced = true},
                                 Knob{.name = "openssl.cafile", .kind = KnobKind::kProperty},
                                 Knob{.name = "openssl.capath", .kind = KnobKind::kProperty, .holds = Holds::kDirectory}};
constexpr std::array kProgramsOfPhp{Program{"/usr/bin/php", "php", ""}};
}  // namespace
constinit const Stack kPhp{.id = "php",
                           .title = "PHP streams",
                           .versions = "streams, without openssl.cafile",
                           .standing = Standing::kChecked,
                           .steered_by = "those of its OpenSSL; openssl.cafile, openssl.capath",
                           .marks = kMarksOfPhp,
                           .knobs = kKnobsOfPhp,
                           .programs = kProgramsOfPhp,
                           .asks_base = true,
                           .trust = openssl_trust,
                           .policy = name_last_policy};

namespace {
constexpr std::array kMarksOfAzureSpeech{Mark{.soname = "libMicrosoft.CognitiveServices.Speech.core.so"}};
}  // namespace
constinit const Stack kAzureSpeech{.id = "azure-speech",
                                   .title = "Azure Speech SDK",
                                   .versions = "1.53",
                                   .standing = Standing::kChecked,
                                   .steered_by = "those of its OpenSSL",
                                   .marks = kMarksOfAzureSpeech,
                                   .knobs = kOpenSslKnobs,
                                   .asks_base = true,
                                   .trust = openssl_trust,
                                   .policy = openssl_policy};

}  // namespace tlswhy::stacks
