#pragma once
// Linux distributions: where each keeps its anchors, how one adds to them, and
// what its OpenSSL was built for. Data, with where it is from: `checked` rows
// were looked at on such a system, others are from its packages' sources or
// documentation.

#include <span>
#include <string>
#include <string_view>

#include "host/files.h"

namespace tlswhy::store {

struct Distribution {
  std::string_view id;     // ID of os-release(5), or one of its ID_LIKE
  std::string_view since;  // VERSION_ID from which on this row counts, "" for any
  std::string_view name;
  std::string_view libc;
  std::string_view openssl;  // the default one
  std::string_view openssldir;
  std::string_view bundle;
  std::string_view directory;  // hashed; "" for none
  std::string_view drop_in;    // where a local anchor goes
  std::string_view command;    // what takes it up from there; "" where nothing does
  std::string_view from;
};

std::span<const Distribution> distributions();

// What a system says of itself in os-release(5); all "" for one that has no such file.
struct OsRelease {
  std::string id, like, version, name;
};
OsRelease os_release(const host::Files& files);

// The row of the system below a root, by its os-release(5); null when it has none or an unknown one.
const Distribution* distribution_of(const host::Files& files);

}  // namespace tlswhy::store
