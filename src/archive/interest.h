#pragma once
// Which files of an archive are worth their memory: programs, libraries, what concerns trust and loading, and archives that programs load code from.

#include <string_view>

#include "bytes/cursor.h"

namespace tlswhy::archive {

enum class Interest { kNone, kCode, kTrust, kArchive, kJson };

inline constexpr std::size_t kHead = 4096;  // bytes that it is told by

// `head`: the file's first bytes.
Interest interest_of(std::string_view path, bytes::View head);

// Whether a layer of an image may have this name, in an archive of `docker save`, of skopeo and in an OCI layout.
bool names_layer(std::string_view path);

}  // namespace tlswhy::archive
