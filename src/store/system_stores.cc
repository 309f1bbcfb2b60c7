#include "store/system_stores.h"

#include <algorithm>
#include <array>

namespace tlswhy::store {
namespace {

constexpr std::array kKnown{
    SystemStore{"/etc/ssl/certs/ca-certificates.crt", false, "Debian, Ubuntu, Arch, Gentoo, Alpine"},
    SystemStore{"/etc/ssl/certs", true, "Debian, Ubuntu, SUSE, Arch, Alpine, Fedora 44"},
    SystemStore{"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", false, "Fedora, RHEL"},
    SystemStore{"/etc/pki/tls/certs/ca-bundle.crt", false, "Fedora up to 43, RHEL up to 9"},
    SystemStore{"/etc/pki/tls/cert.pem", false, "Fedora up to 43, RHEL up to 9"},
    SystemStore{"/etc/ssl/ca-bundle.pem", false, "SUSE"},
    SystemStore{"/var/lib/ca-certificates/ca-bundle.pem", false, "SUSE"},
    SystemStore{"/etc/ssl/cert.pem", false, "Alpine, Arch"},
    SystemStore{"/usr/lib/ssl/certs", true, "Debian, Ubuntu (link)"},
    SystemStore{"/usr/lib/ssl/cert.pem", false, "Debian 12 and later (link)"},
    SystemStore{"/usr/local/share/certs/ca-root-nss.crt", false, "ported packages"},
};

}  // namespace

std::span<const SystemStore> known_system_stores() { return kKnown; }

std::vector<AnchorSet> read_system_stores(AnchorReader& reader) {
  std::vector<AnchorSet> out;
  if (const auto first = std::ranges::find_if(kKnown, &SystemStore::directory); first != kKnown.end()) reader.look_ahead(std::string(first->path));
  for (const SystemStore& known : kKnown) {
    const std::string path(known.path);
    out.push_back(known.directory ? reader.directory(path) : reader.bundle(path));
  }
  return out;
}

}  // namespace tlswhy::store
