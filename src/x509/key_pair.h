#pragma once
// Whether a certificate and a private key belong together. Keys are looked at and freed: nothing of them is kept or told.

#include "bytes/cursor.h"

namespace tlswhy::x509 {

enum class KeyPair { kMatch, kDiffer, kNoCertificate, kNoKey, kEncryptedKey };

// The first certificate and the first private key of two PEM files, which may be one and the same.
KeyPair compare_key(bytes::View certificate_file, bytes::View key_file);

}  // namespace tlswhy::x509
