#pragma once
// Java's keystores: JKS (sun.security.provider.JavaKeyStore) read here, PKCS
// #12 (RFC 7292) by OpenSSL.

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "x509/certificate.h"

namespace tlswhy::store {

// The certificates that Java takes for anchors: trusted entries, and the first
// of each key entry's chain. `password`: of the store, "" for none; an
// encrypted PKCS #12 gives nothing without, a JKS is read all the same (its
// digest is not checked). kMalformed with the place for what is neither;
// entries behind 100,000 are not read.
base::Result<std::vector<x509::Certificate>> read_keystore(bytes::View data, const std::string& password);

}  // namespace tlswhy::store
