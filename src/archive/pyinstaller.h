#pragma once
// PyInstaller's one-file programs: an ELF file with an archive of its own kind at its end or in a section, which it unpacks into a temporary
// folder at each start (PyInstaller/archive/readers.py, bootloader/src/pyi_archive.c).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "archive/content.h"

namespace tlswhy::archive {

// An entry of its table; offsets are of the file.
struct PyEntry {
  std::uint64_t offset = 0, packed = 0, unpacked = 0;
  bool compressed = false;
  char type = 0;  // 'b' library, 'x' data
  std::string name;
};

// The table in the last bytes of a file of this size; nothing where there is none. kMalformed for one that can't be.
base::Result<std::optional<std::vector<PyEntry>>> read_py_table(int fd, std::uint64_t size);

// What it unpacks; nothing for a program that is none.
base::Result<std::optional<Content>> read_pyinstaller(int fd, const Limits& limits = {});

}  // namespace tlswhy::archive
