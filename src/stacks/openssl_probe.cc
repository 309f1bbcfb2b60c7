#include "stacks/openssl_probe.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tlswhy::stacks {
namespace {

constexpr std::array kFiles{"/etc/ssl/certs/ca-certificates.crt",
                            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                            "/etc/pki/tls/certs/ca-bundle.crt",
                            "/etc/ssl/ca-bundle.pem",
                            "/etc/pki/tls/cacert.pem",
                            "/etc/ssl/cert.pem",
                            "/opt/etc/ssl/certs/ca-certificates.crt",
                            "/etc/ssl/certs/cacert.pem"};
constexpr std::array kDirectories{"/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/security/certificates"};

constexpr std::array kOldPlaces{
    "/var/ssl",         "/usr/share/ssl", "/usr/local/ssl", "/usr/local/openssl", "/usr/local/etc/openssl",
    "/usr/local/share", "/usr/lib/ssl",   "/usr/ssl",       "/etc/openssl",       "/etc/pki/ca-trust/extracted/pem",
    "/etc/pki/tls",     "/etc/ssl",       "/etc/certs",     "/opt/etc/ssl",       "/data/data/com.termux/files/usr/etc/tls"};
constexpr std::array kOldNames{"cert.pem",
                               "certs.pem",
                               "ca-bundle.pem",
                               "cacert.pem",
                               "ca-certificates.crt",
                               "certs/ca-certificates.crt",
                               "certs/ca-root-nss.crt",
                               "certs/ca-bundle.crt",
                               "CARootCertificates.pem",
                               "tls-ca-bundle.pem"};

bool there(const TrustBuilder& builder, const std::string& path) { return builder.reader.is_file(path) || builder.reader.is_directory(path); }

std::string from_variable(const TrustBuilder& builder, const char* name) {
  const std::string* path = builder.as.variable(name);
  return path != nullptr && there(builder, *path) ? *path : "";
}

}  // namespace

std::vector<std::string> components(const std::string* list) {
  std::vector<std::string> out = base::split(list != nullptr ? *list : "", ':');
  std::erase(out, "");
  return out;
}

Probed probe_openssl(const TrustBuilder& builder) {
  Probed out;
  if (out.file = from_variable(builder, "SSL_CERT_FILE"); !out.file.empty()) out.file_by = "SSL_CERT_FILE";
  if (const std::string one = from_variable(builder, "SSL_CERT_DIR"); !one.empty()) out.directories.emplace_back(one, "SSL_CERT_DIR");
  for (const char* one : kFiles)
    if (out.file.empty() && there(builder, one)) out.file = one;
  for (const char* one : kDirectories)
    if (there(builder, one)) out.directories.emplace_back(one, "");
  return out;
}

Probed probe_openssl_of_old(const TrustBuilder& builder) {
  Probed out;
  if (out.file = from_variable(builder, "SSL_CERT_FILE"); !out.file.empty()) out.file_by = "SSL_CERT_FILE";
  if (const std::string one = from_variable(builder, "SSL_CERT_DIR"); !one.empty()) out.directories.emplace_back(one, "SSL_CERT_DIR");
  for (const std::string place : kOldPlaces) {
    if (!builder.reader.is_directory(place)) continue;
    for (const char* name : kOldNames)
      if (out.file.empty() && there(builder, place + "/" + name)) out.file = place + "/" + name;
    if (out.directories.empty() && there(builder, place + "/certs")) out.directories.emplace_back(place + "/certs", "");
    if (!out.file.empty() && !out.directories.empty()) break;
  }
  return out;
}

}  // namespace tlswhy::stacks
