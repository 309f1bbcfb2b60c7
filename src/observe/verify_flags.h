#pragma once
// What the verification flags of GnuTLS and mbedTLS say (gnutls_certificate_status_t in gnutls/gnutls.h,
// MBEDTLS_X509_BADCERT_* in mbedtls/x509.h).

#include <cstdint>
#include <string>

#include "observe/tls_functions.h"

namespace tlswhy::observe {

// The names of the set flags, the general "invalid" left out where another says why; "" for none.
std::string flags_text(Family family, std::uint32_t flags);

}  // namespace tlswhy::observe
