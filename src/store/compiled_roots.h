#pragma once
// Authorities that stand in a program's own data: node and Bun carry Mozilla's
// list as PEM, others as DER, and Rust's webpki-roots as names and keys only.

#include <map>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "x509/certificate.h"

namespace tlswhy::store {

struct CompiledRoots {
  // By digest and by key, so that overlapping windows give each once.
  std::map<std::string, x509::Certificate> certificates;
  std::map<std::string, std::string> names;  // of those without a certificate

  // Sorted; " (key only)" behind one of which there is no certificate.
  [[nodiscard]] std::vector<std::string> subjects() const;
};

// The longest certificate that is looked for, in either form; windows must
// overlap by as much.
inline constexpr std::size_t kLongestRoot = 8192;

// Adds the CA certificates that begin in the first `size` bytes of `window`:
// PEM blocks, and DER with a version (X.509 v3) in its place; a subject with a
// public key right behind it. At most 5,000 of either.
void find_compiled_roots(bytes::View window, std::size_t size, CompiledRoots& out);

}  // namespace tlswhy::store
