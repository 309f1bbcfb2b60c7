#pragma once
// Entry after entry of an archive, by libarchive: tar, zip, cpio, ar and rpm, packed with gzip, bzip2, xz, lzma, zstd or lz4. What libarchive would
// need other programs for is not asked of it. What is unpacked counts towards a budget.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "archive/budget.h"
#include "base/unique_fd.h"
#include "bytes/cursor.h"
#include "host/files.h"

struct archive;

namespace tlswhy::archive {

struct Entry {
  std::string name;     // as it stands there
  host::Stat stat;      // a link's target with it
  std::string same_as;  // of a hard link: the name of the other
};

class Reader {
 public:
  // From the file's beginning. `budget` must outlive it, as must `data` and `outer`.
  static base::Result<std::unique_ptr<Reader>> of_file(base::UniqueFd fd, Budget& budget);
  static base::Result<std::unique_ptr<Reader>> of_memory(bytes::View data, Budget& budget);
  // One packed stream, which is its only entry.
  static base::Result<std::unique_ptr<Reader>> of_stream(bytes::View data, Budget& budget);
  // Of the entry that `outer` is at, which it uses up; `head`: what was read of it already.
  static base::Result<std::unique_ptr<Reader>> of_entry(Reader& outer, host::Bytes head, Budget& budget);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next one; nothing at the end, or when the budget is spent. Errors are those of an archive that can't be read any further.
  base::Result<std::optional<Entry>> next();
  // The entry's next bytes, as many as there are up to the size of `out`; 0 at its end.
  base::Result<std::size_t> read(std::span<std::uint8_t> out);
  // What is left of it, after `head`; kLimit beyond the budget for one file.
  base::Result<host::Bytes> rest(host::Bytes head, std::uint64_t expected);
  [[nodiscard]] bool is_ar() const;
  [[nodiscard]] bool is_package() const;  // .deb, .rpm

 private:
  explicit Reader(Budget& budget);
  base::Result<void> skip();
  static ssize_t pull(struct archive* inner, void* self, const void** out);

  struct archive* archive_;
  Budget& budget_;
  base::UniqueFd fd_;
  Reader* outer_ = nullptr;
  host::Bytes block_;      // of the outer one
  bool has_head_ = false;  // what is in it was not given yet
  bool can_jump_ = false;  // what is skipped costs nothing
  bool in_entry_ = false;
};

}  // namespace tlswhy::archive
