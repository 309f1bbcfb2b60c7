#pragma once
// Where scanned files are looked at: a root, with an archive over it or without, or an image's own, with the rights and variables that programs
// have there.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/files.h"

namespace tlswhy::cli {

struct ScanPlace {
  std::vector<std::unique_ptr<host::Files>> parts;  // the last: the whole
  const host::Files* own = nullptr;                 // of an archive over a root: what the archive brings
  std::string container;                            // as it was given, with the image's name; "" for none
  std::string given, inside;                        // what is told as `given` is `inside` in these files
  std::vector<std::string> paths;                   // of ELF files, as those files have them
  std::uint64_t entries = 0;                        // looked at
  std::map<std::string, std::string> environment;
  host::Credentials who;
  bool whole = false;    // a system of its own: nothing of this machine counts
  bool many = true;      // a folder or an archive, not one file
  bool outside = false;  // a file that is not below the root: opened by its path here, judged by what it carries
  std::vector<std::string> notes;

  [[nodiscard]] const host::Files& files() const { return *parts.back(); }
  // As people are told it: a path within what was given.
  [[nodiscard]] std::string shown(const std::string& path) const;
};

struct ScanRequest {
  std::string root = "/";
  std::map<std::string, std::string> environment;
};

// The places that a path of the command line means: one for a file or a folder, one for each image of an archive.
base::Result<std::vector<ScanPlace>> places_of(const std::string& path, const ScanRequest& request);

}  // namespace tlswhy::cli
