#include "elf/image.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tlswhy::elf {

base::Result<Image> Image::read(base::UniqueFd fd) {
  TRY(image, SparseImage::read(fd.get(), false));
  TRY(file, ElfFile::parse(image.view(), false));
  return Image(std::move(fd), std::move(image), std::move(file));
}

base::Result<void> Image::need_local_symbols() {
  TRY_VOID(image_.fetch_symbols());
  TRY(file, ElfFile::parse(image_.view()));
  file_ = std::move(file);
  return {};
}

void Image::need(std::uint64_t offset, std::uint64_t size) { (void)image_.fetch(offset, size); }

base::Result<void> Image::search(Texts& texts) const {
  return each_window(Texts::kContext, [&](bytes::View window, std::size_t size) { texts.search(window, size); });
}

base::Result<void> Image::each_window(std::size_t overlap, const Visit& visit) const {
  constexpr std::uint64_t kWindow = 1U << 20;  // stays in the processor's cache
  std::vector<std::uint8_t> window(kWindow + overlap);
  for (const Range& part : file_.data_parts()) {
    for (std::uint64_t done = 0; done < part.size; done += kWindow) {
      const std::uint64_t wanted = std::min<std::uint64_t>(window.size(), part.size - done);
      std::uint64_t got = 0;
      while (got < wanted) {
        const ssize_t size = ::pread(fd_.get(), window.data() + got, wanted - got, static_cast<off_t>(part.offset + done + got));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return base::fail_errno(errno, "can't read the file");
        if (size == 0) break;  // cut short meanwhile
        got += static_cast<std::uint64_t>(size);
      }
      visit(bytes::View(window).first(got), std::min(kWindow, got));
    }
  }
  return {};
}

}  // namespace tlswhy::elf
