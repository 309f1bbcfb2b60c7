#include "tests/pki.h"

#include <openssl/x509.h>

#include "store/pem_bundle.h"

namespace test {
namespace {

std::vector<tlswhy::x509::Certificate> parse(const std::string& pem) {
  return tlswhy::store::read_pem_bundle({reinterpret_cast<const std::uint8_t*>(pem.data()), pem.size()}).certificates;
}

}  // namespace

const lab::Authority& authority() {
  static const lab::Authority made = lab::make_authority(*lab::find_peer(""), "unit.test").value();
  return made;
}

const std::vector<tlswhy::x509::Certificate>& chain() {
  static const auto parsed = parse(authority().chain);
  return parsed;
}

const tlswhy::x509::Certificate& root() {
  static const auto parsed = parse(authority().root);
  return parsed.front();
}

std::string name_and_key(const tlswhy::x509::Certificate& root) {
  unsigned char *name = nullptr, *key = nullptr;
  const int name_size = i2d_X509_NAME(X509_get_subject_name(root.handle()), &name);
  const int key_size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(root.handle()), &key);
  const auto content = [](unsigned char* der, int size) {
    const int head = (der[1] & 0x80) == 0 ? 2 : 2 + (der[1] & 0x7f);
    std::string out(der + head, der + size);
    OPENSSL_free(der);
    return out;
  };
  return content(name, name_size) + content(key, key_size);
}

}  // namespace test
