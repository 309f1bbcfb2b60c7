#pragma once
// A file below /tmp that others may read and that goes when its owner does.

#include <string>
#include <string_view>

#include "base/result.h"

namespace tlswhy::base {

class TemporaryFile {
 public:
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  // Makes it and writes `text`; its path. Once only. The errno of what failed.
  Result<std::string> write(std::string_view text);

 private:
  std::string path_;
};

}  // namespace tlswhy::base
