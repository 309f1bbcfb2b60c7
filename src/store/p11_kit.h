#pragma once
// Files of p11-kit's trust module: PEM, DER, or its own "persist" format
// (p11-kit trust/parser.c, trust/persist.c, trust/token.c).

#include <vector>

#include "bytes/cursor.h"
#include "x509/certificate.h"

namespace tlswhy::store {

struct P11Trust {
  std::vector<x509::Certificate> anchors, distrusted, others;
};

// Reads one file. `anchor`: plain certificates in it count as anchors, as they
// do below anchors/ and in a path that is a file. Never fails: what is neither
// gives nothing.
P11Trust read_p11_file(bytes::View data, bool anchor);

}  // namespace tlswhy::store
