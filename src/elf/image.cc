#include "elf/image.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <memory>

namespace tlswhy::elf {

base::Result<Image> Image::read(base::UniqueFd fd) {
  TRY(read, SparseImage::read(fd.get(), false));
  auto image = std::make_unique<SparseImage>(std::move(read));
  TRY(file, ElfFile::parse(image->view(), false, image->parts()));
  return Image(std::move(fd), std::move(image), std::move(file));
}

base::Result<void> Image::need_local_symbols() {
  TRY_VOID(image_->fetch_symbols());
  TRY(file, ElfFile::parse(image_->view(), true, image_->parts()));
  file_ = std::move(file);
  return {};
}

base::Result<void> Image::search(Texts& texts) const {
  // The second half of a large file by another thread: half of the time goes into reading.
  constexpr std::uint64_t kWorthAThread = 8U << 20;
  std::uint64_t total = 0;
  for (const Range& part : file_.data_parts()) total += part.size;
  if (total < kWorthAThread) return search_range(0, total, texts);
  const std::uint64_t first = total / 2;
  Texts behind = texts;
  auto rest = std::async(std::launch::async | std::launch::deferred, [&] { return search_range(first, total, behind); });
  const auto begun = search_range(0, first, texts);
  const auto ended = rest.get();
  texts.append(behind);
  return begun ? ended : begun;
}

base::Result<void> Image::search_range(std::uint64_t from, std::uint64_t to, Texts& texts) const {
  return each_window(from, to, Texts::kContext, [&](bytes::View window, std::size_t size) { texts.search(window, size); });
}

base::Result<void> Image::each_window(std::size_t overlap, const Visit& visit) const { return each_window(0, UINT64_MAX, overlap, visit); }

// Positions count through the data parts, one behind the other.
base::Result<void> Image::each_window(std::uint64_t from, std::uint64_t to, std::size_t overlap, const Visit& visit) const {
  constexpr std::uint64_t kWindow = 1U << 20;  // stays in the processor's cache
  const auto window = std::make_unique_for_overwrite<std::uint8_t[]>(kWindow + overlap);
  std::uint64_t begin = 0;  // of the part
  for (const Range& part : file_.data_parts()) {
    const std::uint64_t stop = std::min(to, begin + part.size);
    for (std::uint64_t at = std::max(from, begin); at < stop; at += kWindow) {
      const std::uint64_t size = std::min(kWindow, stop - at), offset = at - begin;
      TRY(got, read_at(part.offset + offset, std::span(window.get(), std::min(size + overlap, part.size - offset))));
      visit(bytes::View(window.get(), got), std::min<std::uint64_t>(size, got));
    }
    begin += part.size;
  }
  return {};
}

// Less than asked for only when the file was cut short meanwhile.
base::Result<std::uint64_t> Image::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  std::uint64_t got = 0;
  while (got < out.size()) {
    const ssize_t size = ::pread(fd_.get(), out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return base::fail_errno(errno, "can't read the file");
    if (size == 0) break;
    got += static_cast<std::uint64_t>(size);
  }
  return got;
}

}  // namespace tlswhy::elf
