// Default look-up (crypto/x509/x509_d2.c, all versions from 1.1.0): first the file, read at once, from
// SSL_CERT_FILE if that is set (even to "") or else OPENSSLDIR/cert.pem; then the directories, read as a
// subject is wanted, from SSL_CERT_DIR split at ':' or else OPENSSLDIR/certs. Nothing of it can fail: the
// call returns 1 with nothing loaded. With AT_SECURE the variables are ignored (ossl_safe_getenv, 1.1.1a on).

#include "stacks/openssl.h"

#include <algorithm>

#include "base/text.h"
#include "elf/accessor.h"
#include "elf/search.h"

namespace tlswhy::stacks {
namespace {

// "1.1.1w" out of "OpenSSL 1.1.1w  11 Sep 2023" (crypto/cversion.c, opensslv.h). Other texts that begin with
// "OpenSSL " (error messages, section names of openssl.cnf) are passed over.
std::string version_of(bytes::View data) {
  constexpr std::string_view kPrefix = "OpenSSL ";
  for (auto at = elf::find_bytes(data, kPrefix); at; at = elf::find_bytes(data, kPrefix, *at + 1)) {
    const auto text = bytes::c_string(data, *at, "elf", 80);
    if (!text) continue;
    const std::string rest = text->substr(kPrefix.size());
    const std::size_t blank = rest.find(' ');
    const bool numbered = rest.size() > 4 && rest[0] >= '0' && rest[0] <= '9' && rest[1] == '.' && blank != std::string::npos;
    const bool dated = numbered && rest.find("20", blank) != std::string::npos;  // "11 Sep 2023"
    if (dated) return rest.substr(0, blank);
  }
  return "";
}

facts::Build build_of(const elf::ElfFile& file) {
  facts::Build out;
  out.openssldir = elf::find_quoted(file.data(), "OPENSSLDIR: \"", '"').value_or("");
  out.enginesdir = elf::find_quoted(file.data(), "ENGINESDIR: \"", '"').value_or("");
  out.modulesdir = elf::find_quoted(file.data(), "MODULESDIR: \"", '"').value_or("");
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

// LibreSSL, BoringSSL and AWS-LC share names with OpenSSL but not its look-up.
bool is_fork(bytes::View data) {
  return elf::find_bytes(data, "LibreSSL ") || elf::find_bytes(data, "BoringSSL") || elf::find_bytes(data, "/aws-lc/");
}

struct Setting {
  bool from_env = false;
  std::string value;
};

Setting choose(const Subject& subject, const char* variable, const std::string& compiled) {
  const auto set = subject.env.find(variable);
  if (set == subject.env.end() || subject.at_secure) return {false, compiled};
  return {true, set->second};
}

void note_ignored(std::vector<facts::Source>& out, const Subject& subject, const char* variable, bool directory) {
  const auto set = subject.env.find(variable);
  if (set == subject.env.end() || !subject.at_secure) return;
  facts::Source source = describe_source("env", directory, set->second, subject);
  source.variable = variable;
  source.detail = "not read: the process runs with AT_SECURE (would be: " + source.status + ")";
  source.status = "ignored";
  out.push_back(std::move(source));
}

facts::Source source_for(const Setting& setting, const char* variable, bool directory, const std::string& path, const Subject& subject) {
  facts::Source out = describe_source(setting.from_env ? "env" : "compiled", directory, path, subject);
  if (setting.from_env) out.variable = variable;
  return out;
}

}  // namespace

std::optional<facts::Stack> recognise_openssl(const elf::ElfFile& file, std::string_view path) {
  const bool library = file.soname().starts_with("libcrypto.so");
  // A program counts when it carries the default look-up itself: the directory method's name (by_dir.c) and
  // the literal of the variable. The mere word OPENSSLDIR also stands in tools that look for it.
  const bool carries = elf::find_bytes(file.data(), "Load certs from files in a directory") && elf::find_bytes(file.data(), "SSL_CERT_FILE");
  if (!library && !carries) return std::nullopt;
  if (is_fork(file.data())) return std::nullopt;
  facts::Stack out;
  out.name = "OpenSSL";
  out.version = version_of(file.data());
  out.linkage = library ? "shared" : "static";
  out.path = path;
  out.build = build_of(file);
  if (out.version.empty() && out.build.cert_file.empty()) return std::nullopt;
  return out;
}

std::vector<facts::Source> openssl_sources(const facts::Stack& stack, const Subject& subject) {
  std::vector<facts::Source> out;
  note_ignored(out, subject, "SSL_CERT_FILE", false);
  const Setting file = choose(subject, "SSL_CERT_FILE", stack.build.cert_file);
  out.push_back(source_for(file, "SSL_CERT_FILE", false, file.value, subject));
  note_ignored(out, subject, "SSL_CERT_DIR", true);
  const Setting directories = choose(subject, "SSL_CERT_DIR", stack.build.cert_dir);
  for (const std::string& one : base::split(directories.value, ':'))
    if (!one.empty() || directories.value.empty()) out.push_back(source_for(directories, "SSL_CERT_DIR", true, one, subject));
  return out;
}

}  // namespace tlswhy::stacks
