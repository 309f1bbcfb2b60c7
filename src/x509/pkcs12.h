#pragma once
// PKCS #12 (RFC 7292), read by OpenSSL.

#include <string>
#include <vector>

#include "x509/certificate.h"

namespace tlswhy::x509 {

// The certificates in the unencrypted bags and, with the right `password`, in the encrypted ones ("" opens none). Java
// marks its anchors with an attribute of its own, which keytool always sets: it is not looked at. kMalformed for what is no
// PKCS #12.
base::Result<std::vector<Certificate>> read_pkcs12(bytes::View der, const std::string& password);

}  // namespace tlswhy::x509
