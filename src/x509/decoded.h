#pragma once
// What the sisters in this folder share: OpenSSL's decoded extensions, owned, and its strings.

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <type_traits>

#include "base/text.h"
#include "x509/certificate.h"

namespace tlswhy::x509 {

template <typename T, auto Free>
using Owned = std::unique_ptr<T, std::integral_constant<decltype(Free), Free>>;

// The decoded extension; null where there is none, or none that can be read.
template <typename T, auto Free>
Owned<T, Free> extension(const Certificate& certificate, int nid) {
  Owned<T, Free> out(static_cast<T*>(X509_get_ext_d2i(certificate.handle(), nid, nullptr, nullptr)));
  ERR_clear_error();
  return out;
}

// Printable, the first kilobyte.
inline std::string text_of(const ASN1_STRING* from) {
  return base::printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(from)), static_cast<std::size_t>(ASN1_STRING_length(from))}, 1024);
}

}  // namespace tlswhy::x509
