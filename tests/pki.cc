#include "tests/pki.h"

#include "store/pem_bundle.h"

namespace test {
namespace {

std::vector<tlswhy::x509::Certificate> parse(const std::string& pem) {
  return tlswhy::store::read_pem_bundle({reinterpret_cast<const std::uint8_t*>(pem.data()), pem.size()}).certificates;
}

}  // namespace

const lab::Authority& authority() {
  static const lab::Authority made = lab::make_authority("unit.test").value();
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

}  // namespace test
