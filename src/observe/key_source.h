#pragma once
// Where a watched program is asked to log its secrets: SSLKEYLOGFILE names a memory file of ours, so nothing is ever on a
// disk and nothing is left behind, however we end.

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "tls/keylog.h"

namespace tlswhy::observe {

class KeySource {
 public:
  // A new memory file; or, when the caller's environment names a file already, that file, which the program goes on to
  // use. The errno of memfd_create(2) or open(2).
  static base::Result<KeySource> make();

  // What the program's SSLKEYLOGFILE must be; it can open that as long as we live and it sees our /proc.
  [[nodiscard]] const std::string& path() const { return path_; }
  // Takes what has been written since the last time.
  void refresh();
  [[nodiscard]] const tls::KeyLog& keys() const { return keys_; }

 private:
  base::UniqueFd file_;
  std::string path_;
  std::uint64_t read_ = 0;
  tls::KeyLog keys_;
};

}  // namespace tlswhy::observe
