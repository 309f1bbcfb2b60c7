#pragma once
// A file system with some entries changed and nothing written: what a model sees under a change.

#include <map>
#include <string>
#include <vector>

#include "host/files.h"

namespace tlswhy::host {

class OverlayFiles : public Files {
 public:
  // `below` must outlive it.
  explicit OverlayFiles(const Files& below) : below_(below) {}

  // A file or a link in the place of whatever was there; missing directories above it come with it (mode 0755, root's).
  void write_file(const std::string& path, std::string content);
  void make_link(const std::string& path, const std::string& target);
  // As chmod(1) would with `mode` ("a+rX": letters of ugoa, a plus, letters of rxX). `path` must not lead through links. kUsage for another mode,
  // or the error of looking.
  base::Result<void> change_mode(const std::string& path, const std::string& mode);

  [[nodiscard]] base::Result<Stat> lstat(const std::string& path) const override;
  [[nodiscard]] base::Result<Bytes> read(const std::string& path, std::uint64_t limit) const override;
  [[nodiscard]] base::Result<base::UniqueFd> open_file(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list_as_stored(const std::string& path) const override;

 private:
  base::Result<std::vector<std::string>> with_ours(const std::string& path, base::Result<std::vector<std::string>> names) const;
  void add_parents(const std::string& path);

  const Files& below_;
  MemoryFiles above_;  // what was put here, and directories that are missing below
  std::map<std::string, std::uint32_t> modes_;
};

}  // namespace tlswhy::host
