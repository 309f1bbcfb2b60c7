#pragma once
// The ELF files below a folder, for `scan`.

#include <string>
#include <vector>

#include "base/result.h"

namespace tlswhy::cli {

struct ElfFiles {
  std::vector<std::string> paths;  // sorted
  std::uint64_t entries = 0;       // looked at
  std::uint64_t archives = 0;      // files that are named as archives
  bool cut = false;                // there were more than are looked at
};

// Regular files alone, told by their first bytes; links are not followed, and what may not be read is passed over. A million entries at most.
// The errno when the folder itself can't be listed.
base::Result<ElfFiles> elf_files_below(const std::string& folder);

}  // namespace tlswhy::cli
