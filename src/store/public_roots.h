#pragma once
// The roots of the public authorities, as Mozilla's list had them when this was built: names and digests, not the certificates. A name that is here
// says that a chain claims to end at a public authority; it makes nothing trusted.

#include <string_view>

namespace tlswhy::store {

bool is_public_name(std::string_view subject);
bool is_public_root(std::string_view sha256);
// The date of the list: "2023-03-11".
std::string_view public_roots_date();

}  // namespace tlswhy::store
