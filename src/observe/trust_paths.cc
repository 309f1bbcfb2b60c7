// Which paths are worth a stop: those that have to do with trust.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "observe/collector.h"

namespace tlswhy::observe {
namespace {

constexpr std::array<std::string_view, 15> kTrustWords{"cert",         "ssl",   "/pki",      ".pem",    ".crt",     "trust", "ca-bundle",
                                                       "gnutls",       "nssdb", "libcrypto", "p11-kit", "keystore", ".der",  "crypto-policies",
                                                       "java.security"};

// glibc's own libnss_files.so is about names of hosts and users.
constexpr std::array<std::string_view, 8> kTlsLibraries{"libssl",  "libcrypto", "libgnutls",  "libnss3.so",
                                                        "libcurl", "libmbed",   "libwolfssl", "libtls"};

}  // namespace

bool is_tls_library(std::string_view path) {
  const std::string_view name = base::base_name(path);
  if (name.find(".so") == std::string_view::npos) return false;
  if (name.starts_with("_ssl.") || path.find("/ossl-modules/") != std::string_view::npos || path.find("/engines-") != std::string_view::npos)
    return true;
  return std::ranges::any_of(kTlsLibraries, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool concerns_trust(std::string_view path) {
  if (base::is_hash_name(base::base_name(path)) || is_tls_library(path)) return true;
  // The modules of an interpreter: "…/python3.9/ssl.py" is code, not a store. certifi's bundle is one.
  const bool code = path.find("/python") != std::string_view::npos && !path.ends_with(".pem") && !path.ends_with(".crt");
  if (code || path.ends_with(".py") || path.ends_with(".pyc")) return false;
  return std::ranges::any_of(kTrustWords, [&](std::string_view word) { return path.find(word) != std::string_view::npos; });
}

}  // namespace tlswhy::observe
