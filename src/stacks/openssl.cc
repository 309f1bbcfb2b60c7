// Default look-up (crypto/x509/x509_d2.c, all versions from 1.1.0): first the file, read at once, from
// SSL_CERT_FILE if that is set (even to "") or else OPENSSLDIR/cert.pem; then the directories, read as a
// subject is wanted, from SSL_CERT_DIR split at ':' or else OPENSSLDIR/certs. Nothing of it can fail: the
// call returns 1 with nothing loaded. With AT_SECURE the variables are ignored (ossl_safe_getenv, 1.1.1a on).

#include "stacks/openssl.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "elf/accessor.h"
#include "elf/search.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

// A program counts when it carries the default look-up itself: the directory method's name (by_dir.c) and the literal of
// the variable. The mere word OPENSSLDIR also stands in tools that look for it.
constexpr std::string_view kMethod = "Load certs from files in a directory", kVariable = "SSL_CERT_FILE";
// LibreSSL, BoringSSL and AWS-LC share names with OpenSSL but not its look-up.
constexpr std::array<std::string_view, 3> kForks{"LibreSSL ", "BoringSSL", "/aws-lc/"};
// crypto/cversion.c.
constexpr std::string_view kDirectory = "OPENSSLDIR: \"", kEngines = "ENGINESDIR: \"", kModules = "MODULESDIR: \"";
constexpr std::array<std::string_view, 3> kNamed{"OpenSSL 1.", "OpenSSL 3.", "OpenSSL 4."};
// X509_V_ERR_* (openssl/x509_vfy.h).
struct Meaning {
  int code;
  facts::Reason reason;
};
using enum facts::Reason;
constexpr std::array kMeanings{
    Meaning{0, kAccepted},    Meaning{2, kNoIssuer},    Meaning{20, kNoIssuer},   Meaning{21, kNoIssuer},   Meaning{18, kSelfSigned},
    Meaning{19, kSelfSigned}, Meaning{10, kExpired},    Meaning{9, kNotYetValid}, Meaning{62, kName},       Meaning{63, kName},
    Meaning{64, kName},       Meaning{26, kPurpose},    Meaning{27, kPurpose},    Meaning{28, kPurpose},    Meaning{24, kConstraint},
    Meaning{25, kConstraint}, Meaning{32, kConstraint}, Meaning{34, kConstraint}, Meaning{37, kConstraint}, Meaning{41, kConstraint},
    Meaning{47, kConstraint}, Meaning{48, kConstraint}, Meaning{49, kConstraint}, Meaning{51, kConstraint}, Meaning{52, kConstraint},
    Meaning{53, kConstraint}, Meaning{79, kConstraint}, Meaning{80, kConstraint}, Meaning{81, kConstraint}, Meaning{82, kConstraint},
    Meaning{83, kConstraint}, Meaning{84, kConstraint}, Meaning{85, kConstraint}, Meaning{86, kConstraint}, Meaning{87, kConstraint},
    Meaning{88, kConstraint}, Meaning{89, kConstraint}, Meaning{90, kConstraint}, Meaning{91, kConstraint}, Meaning{92, kConstraint},
    Meaning{93, kConstraint}, Meaning{66, kWeak},       Meaning{67, kWeak},       Meaning{68, kWeak},       Meaning{23, kRevoked}};
constexpr std::array<std::string_view, 11> kTexts{kMethod,   kVariable, kForks[0],  kForks[1], kForks[2], kNamed[0],
                                                  kNamed[1], kNamed[2], kDirectory, kEngines,  kModules};

// "1.1.1w" out of "OpenSSL 1.1.1w  11 Sep 2023" (crypto/cversion.c, opensslv.h), or of the same without a date, which is
// what providers call themselves.
std::string version_of(const elf::Texts& texts) {
  constexpr std::size_t kWord = 8;  // "OpenSSL "
  std::string undated;
  for (const std::string_view needle : kNamed) {
    const bytes::View data = texts.find(needle);
    for (auto at = elf::find_bytes(data, needle); at; at = elf::find_bytes(data, needle, *at + 1)) {
      const auto text = bytes::c_string(data, *at, "elf", 80);
      if (!text) continue;
      const std::string rest = text->substr(kWord);
      const std::size_t blank = std::min(rest.find(' '), rest.size());
      if (rest.find("20", blank) != std::string::npos) return rest.substr(0, blank);  // "11 Sep 2023"
      if (undated.empty() && blank == rest.size()) undated = rest;
    }
  }
  return undated;
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

struct Setting {
  bool from_env = false;
  std::string value;
};

Setting choose(const Look& look, const char* variable, const std::string& compiled) {
  const std::string* set = look.as.variable(variable);
  return set == nullptr || look.as.at_secure ? Setting{false, compiled} : Setting{true, *set};
}

void note_ignored(std::vector<facts::Source>& out, const Look& look, const char* variable, bool directory) {
  const std::string* set = look.as.variable(variable);
  if (set == nullptr || !look.as.at_secure) return;
  facts::Source source = describe_source("env", directory, *set, look);
  source.variable = variable;
  source.detail = "not read: the process runs with AT_SECURE (would be: " + source.status + ")";
  source.status = "ignored";
  out.push_back(std::move(source));
}

facts::Source source_for(const Setting& setting, const char* variable, bool directory, const std::string& path, const Look& look) {
  facts::Source out = describe_source(setting.from_env ? "env" : "compiled", directory, path, look);
  if (setting.from_env) out.variable = variable;
  return out;
}

}  // namespace

facts::Reason reason_of_openssl(int code) {
  const auto* meaning = std::ranges::find(kMeanings, code, &Meaning::code);
  return meaning != kMeanings.end() ? meaning->reason : kOther;
}

bool wants_local_symbols(const elf::ElfFile& file, const elf::Texts& texts) {
  return !texts.find(kMethod).empty() && !file.find_symbol("X509_get_default_cert_file");
}

std::span<const std::string_view> texts_of_openssl() { return kTexts; }

std::vector<facts::Stack> recognise_openssl(const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  const bool library = file.soname().starts_with("libcrypto.so") || file.soname().starts_with("libcrypto-");  // auditwheel adds a digest
  if (!library && (candidate.texts.find(kMethod).empty() || candidate.texts.find(kVariable).empty())) return {};
  if (std::ranges::any_of(kForks, [&](std::string_view fork) { return !candidate.texts.find(fork).empty(); })) return {};
  facts::Stack out;
  out.name = "OpenSSL";
  out.version = version_of(candidate.texts);
  out.linkage = library ? "shared" : "static";
  out.path = candidate.path;
  out.build = build_of(candidate);
  out.build.version = out.version;
  if (out.version.empty() && out.build.cert_file.empty()) return {};
  return {out};
}

std::vector<facts::Source> openssl_sources(const facts::Stack& stack, const Look& look) {
  std::vector<facts::Source> out;
  note_ignored(out, look, "SSL_CERT_FILE", false);
  const Setting file = choose(look, "SSL_CERT_FILE", stack.build.cert_file);
  out.push_back(source_for(file, "SSL_CERT_FILE", false, file.value, look));
  note_ignored(out, look, "SSL_CERT_DIR", true);
  const Setting directories = choose(look, "SSL_CERT_DIR", stack.build.cert_dir);
  for (const std::string& one : base::split(directories.value, ':'))
    if (!one.empty() || directories.value.empty()) out.push_back(source_for(directories, "SSL_CERT_DIR", true, one, look));
  return out;
}

}  // namespace tlswhy::stacks
