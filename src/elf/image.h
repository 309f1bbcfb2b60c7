#pragma once
// An ELF file in memory: a small one whole, of a large one what is asked for. A hundred megabytes of fresh memory cost more
// than looking through them.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/unique_fd.h"
#include "elf/elf_file.h"
#include "elf/search.h"
#include "elf/sparse_image.h"

namespace tlswhy::elf {

class Image {
 public:
  // Reads the file's tables, without the one of local symbols; errors as those of SparseImage::read and ElfFile::parse.
  static base::Result<Image> read(base::UniqueFd fd);
  [[nodiscard]] const ElfFile& file() const { return file_; }
  // The table of local symbols too, which may be a third of a file that was not stripped.
  base::Result<void> need_local_symbols();
  // Looks through the data parts.
  base::Result<void> search(Texts& texts) const;
  // Gives them in windows that reach `overlap` beyond `size`, as far as there is something.
  using Visit = std::function<void(bytes::View window, std::size_t size)>;
  base::Result<void> each_window(std::size_t overlap, const Visit& visit) const;

 private:
  Image(base::UniqueFd fd, std::unique_ptr<SparseImage> image, ElfFile file) : fd_(std::move(fd)), image_(std::move(image)), file_(std::move(file)) {}
  base::Result<void> search_range(std::uint64_t from, std::uint64_t to, Texts& texts) const;
  base::Result<void> each_window(std::uint64_t from, std::uint64_t to, std::size_t overlap, const Visit& visit) const;
  base::Result<std::uint64_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) const;

  base::UniqueFd fd_;
  std::unique_ptr<SparseImage> image_;  // file_ asks it for more: it stays where it is
  ElfFile file_;
};

}  // namespace tlswhy::elf
