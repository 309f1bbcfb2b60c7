#pragma once
// What an archive brings, over a root: what an unpacker would make of the two, without unpacking.

#include <string>

#include "host/files.h"

namespace tlswhy::archive {

class JoinedFiles : public host::Files {
 public:
  // `above` at the folder `at` ("/app.whl!", "" for the root itself) of `below`, a folder of no other; both must outlive it.
  JoinedFiles(const host::Files& below, const host::Files& above, std::string at) : below_(below), above_(above), at_(std::move(at)) {}

  [[nodiscard]] base::Result<host::Stat> lstat(const std::string& path) const override;
  [[nodiscard]] base::Result<host::Bytes> read(const std::string& path, std::uint64_t limit) const override;
  [[nodiscard]] base::Result<base::UniqueFd> open_file(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list_as_stored(const std::string& path) const override;

 private:
  // Its name in what is above; "" where that has none.
  [[nodiscard]] std::string above(const std::string& path) const;
  [[nodiscard]] bool is_above(const std::string& path) const;
  [[nodiscard]] base::Result<std::vector<std::string>> with_above(const std::string& path, base::Result<std::vector<std::string>> names) const;

  const host::Files& below_;
  const host::Files& above_;
  std::string at_;
};

}  // namespace tlswhy::archive
