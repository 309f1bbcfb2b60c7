#pragma once
// What a hashed directory holds, as far as the file system tells: the part of
// reading one that takes no certificate apart.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/files.h"

namespace tlswhy::store {

struct DirectoryListing {
  struct Entry {
    std::string name;
    bool hashed = false;     // HASH.N
    bool asked_for = false;  // by OpenSSL: by_dir.c counts N up from 0 and stops
                             // at the first name that is not there
    host::Resolved end;
  };
  std::optional<base::Error> error;  // of listing it; nothing else is there then
  std::vector<Entry> entries;        // those that may hold certificates by their
                                     // names, sorted; the first 10,000
  // Of the files that `who` may read, by final path; a file that is too large
  // or comes behind the first 16 MiB is left out.
  std::map<std::string, host::Bytes> contents;
};

constexpr std::uint64_t kMaxHashedFile = 1U << 20;

// Lists and reads the directory at `path`, where resolve() ended.
DirectoryListing list_directory(const host::Files& files, const std::string& path, const host::Credentials& who);

}  // namespace tlswhy::store
