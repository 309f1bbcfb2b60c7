#include "stacks/marks.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

struct Mark {
  std::string_view model;         // as --as takes it
  std::string_view title;         // as people call it
  std::string_view soname;        // what a library's begins with, "" for others
  std::string_view symbol;        // what a program exports
  std::string_view text;          // what a program holds
  std::string_view needs;         // the beginning of a library that it asks for as well
  std::string_view version_text;  // what stands before the version
  bool lowest = false;            // counts only in a file that nothing else was found in: who stands on it decides
  bool opens = false;             // its TLS library, with dlopen(3)
};

// Programs and runtimes first, libraries below.
constexpr std::array kMarks{
    Mark{"electron", "Electron", "", "", "ELECTRON_RUN_AS_NODE", "", ""},
    Mark{"node", "Node.js", "", "_ZN4node5StartEiPPc", "", "", "/node-v"},
    Mark{"bun", "Bun", "", "", "BUN_INSTALL_CACHE_DIR", "", "Bun v1"},
    Mark{"deno", "Deno", "", "", "DENO_TLS_CA_STORE", "", "Deno/2"},
    Mark{"uv", "uv", "", "", "UV_SYSTEM_CERTS", "", ""},
    Mark{"go", "Go crypto/x509", "", "", "/etc/pki/tls/certs/ca-bundle.crt", "", "\xff Go buildinf:"},
    Mark{"java", "Java", "libjvm.so", "", "", "", ""},
    Mark{"dotnet", ".NET", "System.Security.Cryptography.Native.OpenSsl", "", "", "", "", false, true},
    Mark{"dotnet", ".NET", "libSystem.Security.Cryptography.Native.OpenSsl", "", "", "", "", false, true},
    Mark{"curl", "curl", "", "", "CURL_CA_BUNDLE", "libcurl.so", ""},
    Mark{"git", "git", "", "", "GIT_SSL_CAINFO", "libcurl", ""},
    Mark{"wget", "wget", "", "", "cacertificate", "libgnutls.so", ""},
    Mark{"libcurl", "libcurl", "libcurl.so", "", "", "", "libcurl/"},
    Mark{"libcurl-gnutls", "libcurl with GnuTLS", "libcurl-gnutls.so", "", "", "", "libcurl/"},
    Mark{"libpq", "libpq", "libpq.so", "", "", "", ""},
    Mark{"mariadb", "MariaDB Connector/C", "libmariadb.so", "", "", "", ""},
    Mark{"librdkafka", "librdkafka", "librdkafka", "", "", "", ""},
    Mark{"qt", "Qt", "libQt5Network.so", "", "", "", "", false, true},
    Mark{"qt", "Qt", "libQt6Network.so", "", "", "", "", false, true},
    Mark{"azure-speech", "Azure Speech SDK", "libMicrosoft.CognitiveServices.Speech.core.so", "", "", "", ""},
    Mark{"mysql", "MySQL's client", "libmysqlclient.so", "", "", "", ""},
    Mark{"mysql", "MySQL's client", "", "", "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN", "", ""},
    Mark{"perl", "Perl's Net::SSLeay", "", "boot_Net__SSLeay", "", "", ""},
    Mark{"ruby", "Ruby's openssl", "", "Init_openssl", "", "", ""},
    Mark{"php", "PHP streams", "", "php_openssl_decrypt", "", "", ""},
    Mark{"pyinstaller", "PyInstaller", "", "", "pyi-runtime-tmpdir", "", ""},
    Mark{"p11-kit", "p11-kit's trust module", "p11-kit-trust.so", "", "", "", ""},
    Mark{"grpc", "gRPC", "", "", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "", ""},
    Mark{"rustls-platform-verifier", "rustls-platform-verifier", "", "", "/rustls-platform-verifier-", "", "/rustls-platform-verifier-"},
    Mark{"rustls-native-certs", "rustls-native-certs", "", "", "/rustls-native-certs-", "", "/rustls-native-certs-"},
    Mark{"native-tls", "native-tls", "", "", "/native-tls-0", "", "/native-tls-0"},
    Mark{"s2n", "s2n", "", "s2n_config_new", "", "", ""},
    Mark{"gnutls", "GnuTLS", "libgnutls.so", "", "", "", ""},
    Mark{"nss", "NSS", "libnss3.so", "", "", "", "Version: NSS "},
    Mark{"mbedtls", "mbedTLS", "libmbedtls.so", "", "", "", ""},
    Mark{"wolfssl", "wolfSSL", "libwolfssl.so", "", "", "", ""},
    Mark{"libressl", "LibreSSL", "libcrypto.so", "", "LibreSSL ", "", "LibreSSL "},
    // An anchor of all its versions: the end of a name, and at once its key (store/compiled_roots.cc).
    Mark{"webpki-roots", "webpki-roots", "", "", "ISRG Root X10\r\x06\t*\x86H\x86\xf7\r\x01\x01\x01", "", ""},
    Mark{"aws-lc", "AWS-LC", "", "", "/aws-lc/crypto/", "", "", true},
    Mark{"boringssl", "BoringSSL", "", "", "OpenSSL 1.1.1 (compatible; BoringSSL)", "", "", true},
};

// A file with this text holds the list above, and none of what it speaks of.
constexpr std::string_view kOurselves = "tlswhy's own list of marks";

// "0.8.5" of "0.8.5/src/lib.rs".
std::string version_at(bytes::View data, std::size_t at) {
  std::string out;
  for (; at < data.size() && out.size() < 20 && (std::isdigit(data[at]) != 0 || data[at] == '.'); ++at) out.push_back(static_cast<char>(data[at]));
  while (out.ends_with('.')) out.pop_back();
  return out;
}

std::string version_of(const Mark& mark, const Candidate& candidate) {
  const bytes::View text = candidate.texts.find(mark.version_text);
  if (text.empty()) return "";
  // debug/buildinfo: a flag in byte 15, and from 1.18 on the version as a string with its length behind byte 32: "go1.24.4".
  constexpr std::size_t kGoVersion = 35;
  if (mark.model == "go") return version_at(text, kGoVersion);
  const bool ends_in_it = std::isdigit(static_cast<unsigned char>(mark.version_text.back())) != 0;
  return version_at(text, mark.version_text.size() - (ends_in_it ? 1 : 0));
}

bool fits(const Mark& mark, const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  if (!mark.soname.empty()) return file.soname().starts_with(mark.soname) && (mark.text.empty() || !candidate.texts.find(mark.text).empty());
  if (!mark.text.empty() && (candidate.texts.find(mark.text).empty() || !candidate.texts.find(kOurselves).empty())) return false;
  if (mark.model == "go" && candidate.texts.find(mark.version_text).empty()) return false;
  if (!mark.needs.empty() && std::ranges::none_of(file.needed(), [&](const auto& one) { return one.starts_with(mark.needs); })) return false;
  if (mark.symbol.empty()) return true;
  const auto symbol = file.find_symbol(mark.symbol);
  return symbol && symbol->defined;
}

// Whether the stack itself is in a library that the file asks for.
bool stands_on_library(const elf::ElfFile& file) {
  return std::ranges::any_of(file.needed(), [](const std::string& one) {
    return std::ranges::any_of(std::array{"libssl.so", "libcrypto.so", "libgnutls.so", "libcurl"},
                               [&](const char* below) { return one.starts_with(below); });
  });
}

std::vector<std::string_view> all_texts() {
  std::vector<std::string_view> out{kOurselves};
  for (const Mark& mark : kMarks)
    for (const std::string_view one : {mark.text, mark.version_text})
      if (!one.empty() && std::ranges::count(out, one) == 0) out.push_back(one);
  return out;
}

}  // namespace

std::span<const std::string_view> texts_of_marked() {
  static const std::vector<std::string_view> kTexts = all_texts();
  return kTexts;
}

std::vector<facts::Stack> recognise_marked(const Candidate& candidate) {
  std::vector<facts::Stack> out;
  for (const Mark& mark : kMarks) {
    const bool found = std::ranges::find(out, mark.model, &facts::Stack::model) != out.end();
    if (found || (mark.lowest && !out.empty()) || !fits(mark, candidate)) continue;
    facts::Stack stack;
    stack.name = mark.title;
    stack.model = mark.model;
    stack.version = version_of(mark, candidate);
    stack.linkage = !mark.soname.empty() ? "shared" : stands_on_library(candidate.file) ? "program" : "static";
    stack.path = candidate.path;
    out.push_back(std::move(stack));
  }
  return out;
}

bool opens_its_library(const facts::Stack& stack) {
  return std::ranges::any_of(kMarks, [&](const Mark& mark) { return mark.opens && mark.model == stack.model; });
}

std::vector<facts::Source> marked_sources(const facts::Stack& stack, const Look& look) {
  return trust_of(spec_of(stack, look.as.files), look.as, &look.stores.known()).source_facts(look.top);
}

}  // namespace tlswhy::stacks
