#pragma once
// The crate openssl-probe: where a Rust program thinks that this machine's anchors are (src/lib.rs of 0.1.6 and 0.2.2).

#include <string>
#include <utility>
#include <vector>

#include "stacks/trust.h"

namespace tlswhy::stacks {

struct Probed {
  std::string file, file_by;                                     // path and the variable it is from, both "" for none
  std::vector<std::pair<std::string, std::string>> directories;  // the same for each
};

// 0.2: a variable counts when its path is there, SSL_CERT_DIR unsplit; known directories come in any case.
Probed probe_openssl(const TrustBuilder& builder);
// 0.1: the first file and the first directory below a list of places.
Probed probe_openssl_of_old(const TrustBuilder& builder);

// What stands between the colons of a list that may be absent; empty ones are left out.
std::vector<std::string> components(const std::string* list);

}  // namespace tlswhy::stacks
