#pragma once
// What the first bytes of an ELF file say, of any machine and word size: those that tlswhy reads no further, too.

#include <optional>
#include <string>

#include "bytes/cursor.h"

namespace tlswhy::elf {

struct Head {
  std::string machine;    // "x86-64", "i386 (32-bit)", "s390x, big-endian"
  bool readable = false;  // 64-bit and little-endian, of x86-64 or AArch64
};

// Of the file's first 20 bytes at least; nothing for what is no ELF file.
std::optional<Head> read_head(bytes::View data);

}  // namespace tlswhy::elf
