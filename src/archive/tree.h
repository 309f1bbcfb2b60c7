#pragma once
// The files of an archive in memory, as a root that can be looked into. A file that nothing of ours reads has no contents, only what it is.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "host/files.h"

namespace tlswhy::archive {

struct Node {
  host::Stat stat;
  std::shared_ptr<const host::Bytes> content = nullptr;  // null: not kept, or no file
  bool implied = false;                                  // a directory that only the names below it tell of
};

class Tree : public host::Files {
 public:
  Tree();

  // Puts it where `path` leads: links above it are followed within the tree, missing directories come with it. What was there goes, but for a
  // directory in the place of one. False where that leads nowhere.
  bool put(const std::string& path, Node node);
  // Another name of a file that is there; false where it is not.
  bool link(const std::string& path, const std::string& target);
  // With all below it.
  void remove(const std::string& path);
  void empty(const std::string& directory);

  [[nodiscard]] const std::map<std::string, Node>& nodes() const { return nodes_; }
  [[nodiscard]] bool has(const std::string& path) const { return host::resolve(*this, path).error == 0; }

  [[nodiscard]] base::Result<host::Stat> lstat(const std::string& path) const override;
  [[nodiscard]] base::Result<host::Bytes> read(const std::string& path, std::uint64_t limit) const override;
  [[nodiscard]] base::Result<base::UniqueFd> open_file(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override;

 private:
  // The directory that `path` ends at, made where it is missing, behind links too; "" where a file is in the way or links lead in circles.
  std::string directory_at(const std::string& path, int links = 0);
  void insert(const std::string& path, Node node);

  std::map<std::string, Node> nodes_;
  std::map<std::string, std::set<std::string>> names_;  // of each directory
  std::uint64_t device_;
};

}  // namespace tlswhy::archive
