#pragma once
// Certificates for unit tests, made once per process by the lab's authority.

#include <string>
#include <vector>

#include "lab/ca.h"
#include "x509/certificate.h"

namespace test {

const lab::Authority& authority();
// The server's chain (leaf, intermediate) and the root, parsed.
const std::vector<tlswhy::x509::Certificate>& chain();
const tlswhy::x509::Certificate& root();
// A root as webpki-roots has it: the content of the subject, then that of the key.
std::string name_and_key(const tlswhy::x509::Certificate& root);

}  // namespace test
