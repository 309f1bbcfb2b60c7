#pragma once
// What stacks other than OpenSSL say about a chain: the flags of GnuTLS and mbedTLS (gnutls_certificate_status_t in gnutls/gnutls.h,
// MBEDTLS_X509_BADCERT_* in mbedtls/x509.h), the numbers of NSS (secerr.h, sslerr.h) and wolfSSL (wolfssl/error-ssl.h,
// wolfcrypt/error-crypt.h).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "facts/words.h"
#include "observe/tls_functions.h"

namespace tlswhy::observe {

// The names of the set flags, the general "invalid" left out where another says why; "" for none.
std::string flags_text(Family family, std::uint32_t flags);

// Why NSS or wolfSSL refuses a chain; "" for a number that is about something else.
std::string_view reason_text(Family family, int code);

// What a verdict of this family means: `native` is its number or flags, where there is one. A number other than 0 counts even where
// the program was told that the chain is accepted. NSS has one number for certificates of the past and of the future.
facts::Reason reason_of(Family family, std::optional<int> native, bool accepted);

}  // namespace tlswhy::observe
