#pragma once
// Certificates that stand in a program's own data: node and Bun carry Mozilla's list as PEM, others as DER.

#include <map>
#include <string>

#include "bytes/cursor.h"
#include "x509/certificate.h"

namespace tlswhy::store {

// By digest, so that overlapping windows give each once.
using CompiledRoots = std::map<std::string, x509::Certificate>;

// The longest certificate that is looked for, in either form; windows must overlap by as much.
inline constexpr std::size_t kLongestRoot = 8192;

// Adds the CA certificates that begin in the first `size` bytes of `window`: PEM blocks, and DER with a version (X.509 v3) in
// its place. At most 5,000.
void find_compiled_roots(bytes::View window, std::size_t size, CompiledRoots& out);

}  // namespace tlswhy::store
