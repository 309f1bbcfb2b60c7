#pragma once
// Small text helpers. Anything that came from a target passes `printable` before a person sees it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tlswhy::base {

// Returns `text` with control characters, DEL and bytes that are not valid UTF-8 as \xNN, so that a
// hostile file name or certificate cannot steer a terminal or break JSON. Cut to `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 4096);

// Splits at every `separator`; keeps empty parts.
std::vector<std::string> split(std::string_view text, char separator);

// Joins with `separator` between the parts.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Lower-case hex of the bytes.
std::string hex(std::span<const std::uint8_t> bytes);

// The part behind the last '/', or all of it.
std::string_view base_name(std::string_view path);

// The part before the last '/', "/" for top-level names, "." without a slash.
std::string dir_name(std::string_view path);

// True if `text` has the form of a hashed certificate name: eight lower-case hex digits, '.', decimal
// digits (OpenSSL crypto/x509/by_dir.c).
bool is_hash_name(std::string_view text);

// True if `version` is `than` or newer, part by part as numbers: "2.17" is newer than "2.4"; "1.1.1w" counts as 1.1.1.
bool version_at_least(std::string_view version, std::string_view than);

// Quotes one word for a POSIX shell, only if it needs quotes.
std::string shell_quote(std::string_view word);

}  // namespace tlswhy::base
