#pragma once
// The machine that a remedy changes: this one, or an unpacked image. Paths are absolute inside it, and no link in it leads out of it.

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "host/files.h"

namespace tlswhy::fix {

// A name in an open folder.
struct Place {
  base::UniqueFd folder;
  std::string name;
  bool can_sync = true;  // false: the folder may not be read, so that it can't be given to fsync(2)
  // For calls that take no folder.
  [[nodiscard]] std::string path() const;
};

class Root {
 public:
  // "/" or a folder; kNotFound or kDenied when it can't be opened.
  static base::Result<Root> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_machine() const { return path_ == "/"; }
  [[nodiscard]] const host::Files& files() const { return *files_; }
  // Where the last part of `path` is; the parts before it are followed.
  [[nodiscard]] base::Result<Place> place(const std::string& path) const;

 private:
  Root(std::string path, std::unique_ptr<host::RealFiles> files) : path_(std::move(path)), files_(std::move(files)) {}
  std::string path_;
  std::unique_ptr<host::RealFiles> files_;
};

}  // namespace tlswhy::fix
