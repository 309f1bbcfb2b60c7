#pragma once
// Which of a process's stacks a handshake went through: the one whose code verified it, and the one on top of it whose places count
// (git over GnuTLS, curl over OpenSSL, or the same).

#include <cstdint>
#include <string>
#include <vector>

#include "facts/facts.h"
#include "loader/loader.h"

namespace tlswhy::diagnose {

// What one process maps, the program first, and its stacks as indices into Facts::stacks.
struct Mapped {
  std::vector<loader::Object> objects;
  std::vector<std::size_t> stacks;

  // True if the file at `path` asks for `below`, or for what asks for it (DT_NEEDED).
  [[nodiscard]] bool stands_on(const std::string& path, const std::string& below) const;
};

// Indices into Facts::stacks, -1 for what is not known.
struct Attribution {
  std::int64_t verifier = -1;
  std::int64_t reader = -1;
};

// First by the file whose code verified the chain, which is seen in the process; then by the places that the process looked up; then
// by what the program itself is. Never a guess among several libraries of which nothing was seen.
Attribution attribute(const facts::Handshake& handshake, const Mapped& mapped, const facts::Facts& facts);

}  // namespace tlswhy::diagnose
