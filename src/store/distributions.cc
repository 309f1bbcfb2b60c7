#include "store/distributions.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace tlswhy::store {
namespace {

constexpr std::string_view kDebianBundle = "/etc/ssl/certs/ca-certificates.crt", kDebianDropIn = "/usr/local/share/ca-certificates/NAME.crt",
                           kRedHatBundle = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                           kRedHatDropIn = "/etc/pki/ca-trust/source/anchors/NAME.pem";
constexpr std::string_view kCertificates = "update-ca-certificates", kTrust = "update-ca-trust";
constexpr std::string_view kChecked = "checked", kPackage = "its ca-certificates and openssl packages", kDocumented = "its documentation";

// Newer rows of a distribution before older ones.
constexpr std::array kRows{
    Distribution{"debian", "13", "Debian 13", "glibc 2.41", "3.5", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates,
                 kChecked},
    Distribution{"debian", "12", "Debian 12", "glibc 2.36", "3.0", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates,
                 kChecked},
    Distribution{"debian", "11", "Debian 11", "glibc 2.31", "1.1.1", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates,
                 kChecked},
    Distribution{"debian", "", "Debian", "glibc", "", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates, kPackage},
    Distribution{"ubuntu", "22.04", "Ubuntu 22.04 and later", "glibc 2.35", "3.0", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn,
                 kCertificates, kChecked},
    Distribution{"ubuntu", "20.04", "Ubuntu 20.04", "glibc 2.31", "1.1.1", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn,
                 kCertificates, kChecked},
    Distribution{"ubuntu", "", "Ubuntu", "glibc", "1.0.2 to 3.0", "/usr/lib/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates,
                 kChecked},
    Distribution{"fedora", "44", "Fedora 44 and later", "glibc", "3.5", "/etc/pki/tls", kRedHatBundle, "/etc/pki/tls/certs", kRedHatDropIn, kTrust,
                 kDocumented},
    Distribution{"fedora", "", "Fedora", "glibc", "3.x", "/etc/pki/tls", kRedHatBundle, "", kRedHatDropIn, kTrust, kDocumented},
    Distribution{"rhel", "10", "RHEL 10", "glibc 2.39", "3.2 or later", "/etc/pki/tls", kRedHatBundle,
                 "/etc/pki/ca-trust/extracted/pem/directory-hash", kRedHatDropIn, kTrust, kDocumented},
    Distribution{"rhel", "9", "RHEL 9", "glibc 2.34", "3.0 to 3.5", "/etc/pki/tls", kRedHatBundle, "", kRedHatDropIn, kTrust, kDocumented},
    Distribution{"rhel", "8", "RHEL 8", "glibc 2.28", "1.1.1", "/etc/pki/tls", kRedHatBundle, "", kRedHatDropIn, kTrust, kDocumented},
    Distribution{"rhel", "", "RHEL", "glibc 2.17", "1.0.2", "/etc/pki/tls", kRedHatBundle, "", kRedHatDropIn, kTrust, kDocumented},
    Distribution{"amzn", "2023", "Amazon Linux 2023", "glibc 2.34", "3.0 or later", "/etc/pki/tls", kRedHatBundle, "", kRedHatDropIn, kTrust,
                 kDocumented},
    Distribution{"amzn", "", "Amazon Linux 2", "glibc 2.26", "1.0.2", "/etc/pki/tls", kRedHatBundle, "", kRedHatDropIn, kTrust, kDocumented},
    Distribution{"alpine", "", "Alpine", "musl", "1.1.1 to 3.5", "/etc/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates, kPackage},
    Distribution{"wolfi", "", "Wolfi", "glibc", "3.6", "/etc/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates, kPackage},
    Distribution{"arch", "", "Arch", "glibc", "3.x", "/etc/ssl", "/etc/ca-certificates/extracted/tls-ca-bundle.pem", "/etc/ssl/certs",
                 "/etc/ca-certificates/trust-source/anchors/NAME.pem", kTrust, kDocumented},
    Distribution{"suse", "", "SUSE", "glibc", "1.0.2 to 3.x", "/etc/ssl", "/var/lib/ca-certificates/ca-bundle.pem", "/var/lib/ca-certificates/pem",
                 "/etc/pki/trust/anchors/NAME.pem", kCertificates, kPackage},
    Distribution{"gentoo", "", "Gentoo", "glibc or musl", "3.x", "/etc/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates,
                 kDocumented},
    Distribution{"void", "", "Void", "glibc or musl", "3.x", "/etc/ssl", kDebianBundle, "/etc/ssl/certs", kDebianDropIn, kCertificates, kPackage},
    Distribution{"nixos", "", "NixOS", "glibc", "3.x", "", kDebianBundle, "", "security.pki.certificateFiles", "nixos-rebuild switch", kPackage},
    Distribution{"photon", "", "Photon", "glibc", "3.0", "/etc/ssl", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs", "/etc/ssl/certs/NAME.pem",
                 "rehash_ca_certificates.sh", kPackage},
};

// "debian" of the line ID="debian".
std::string value_of(const std::string& text, const std::string& key) {
  for (const std::string& line : base::split(text, '\n')) {
    if (!line.starts_with(key + "=")) continue;
    std::string value = line.substr(key.size() + 1);
    std::erase(value, '"');
    return value;
  }
  return "";
}

}  // namespace

std::span<const Distribution> distributions() { return kRows; }

OsRelease os_release(const host::Files& files) {
  constexpr std::uint64_t kMaxFile = 64U << 10;
  auto bytes = host::read_following(files, "/etc/os-release", kMaxFile);
  if (!bytes) bytes = host::read_following(files, "/usr/lib/os-release", kMaxFile);
  if (!bytes) return {};
  const std::string text(bytes->begin(), bytes->end());
  return {value_of(text, "ID"), value_of(text, "ID_LIKE"), value_of(text, "VERSION_ID"), value_of(text, "PRETTY_NAME")};
}

const Distribution* distribution_of(const host::Files& files) {
  const auto [id, like, version, name] = os_release(files);
  std::vector<std::string> ids{id};
  for (const std::string& one : base::split(like, ' ')) ids.push_back(one);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto row = std::ranges::find_if(kRows, [&](const Distribution& one) {
      // A relative's version says nothing of it, but for rebuilds of RHEL.
      const bool numbered = i == 0 || one.id == "rhel";
      return one.id == ids[i] && (one.since.empty() || (numbered && !version.empty() && base::version_at_least(version, one.since)));
    });
    if (row != kRows.end()) return &*row;
  }
  return nullptr;
}

}  // namespace tlswhy::store
