#pragma once
// Looks for literals in a file's bytes: the fallback where symbols or accessor code are not to be had.

#include <optional>
#include <string>
#include <string_view>

#include "bytes/cursor.h"

namespace tlswhy::elf {

// The offset of the first `needle` at or behind `from`.
std::optional<std::uint64_t> find_bytes(bytes::View data, std::string_view needle, std::uint64_t from = 0);

// The text between `prefix` and `end` of the first printable match, e.g. find_quoted(d, "OPENSSLDIR: \"", '"').
std::optional<std::string> find_quoted(bytes::View data, std::string_view prefix, char end);

}  // namespace tlswhy::elf
