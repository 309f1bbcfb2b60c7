#include "elf/sparse_image.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>
#include <vector>

namespace tlswhy::elf {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using bytes::Cursor;
using bytes::View;

namespace {

constexpr std::uint64_t kMaxFile = 4ULL << 30;
constexpr std::uint64_t kHead = sizeof(Elf64_Ehdr);
constexpr std::uint64_t kSmall = 1U << 20;         // read at once
constexpr std::uint64_t kPopulated = 64U << 10;    // from when on pages are made at once, not one fault each
constexpr std::uint64_t kSectionless = 64U << 20;  // a file without section headers is read whole up to here

struct Header {
  std::uint64_t segments = 0, sections = 0;
  std::uint16_t segment_count = 0, count = 0, names = 0;
};

Result<Header> read_header(View data) {
  Cursor cursor(data, "elf");
  const auto ident = cursor.take(EI_NIDENT);
  if (!ident || !std::equal(ident->begin(), ident->begin() + 4, ELFMAG)) return fail(Code::kUnsupported, "not an ELF file");
  Header out;
  TRY_VOID(cursor.seek(offsetof(Elf64_Ehdr, e_phoff)));
  TRY(segments, cursor.u64_le());
  TRY(sections, cursor.u64_le());
  TRY_VOID(cursor.seek(offsetof(Elf64_Ehdr, e_phnum)));
  TRY(segment_count, cursor.u16_le());
  TRY_VOID(cursor.u16_le());  // size of a section header
  TRY(count, cursor.u16_le());
  TRY(names, cursor.u16_le());
  out.segments = segments, out.sections = sections, out.segment_count = segment_count, out.count = count, out.names = names;
  return out;
}

struct Row {
  std::uint32_t name = 0, type = 0, link = 0;
  std::uint64_t address = 0, offset = 0, size = 0;
};

Result<std::vector<Row>> read_rows(View data, const Header& header) {
  TRY(table, bytes::slice(data, header.sections, std::uint64_t{header.count} * sizeof(Elf64_Shdr), "elf sections"));
  Cursor cursor(table, "elf sections", header.sections);
  std::vector<Row> out;
  while (cursor.remaining() >= sizeof(Elf64_Shdr)) {
    TRY(name, cursor.u32_le());
    TRY(type, cursor.u32_le());
    TRY_VOID(cursor.u64_le());  // flags
    TRY(address, cursor.u64_le());
    TRY(offset, cursor.u64_le());
    TRY(size, cursor.u64_le());
    TRY(link, cursor.u32_le());
    TRY_VOID(cursor.take(20));
    out.push_back({name, type, link, address, offset, size});
  }
  return out;
}

}  // namespace

SparseImage::SparseImage(SparseImage&& other) noexcept
    : fd_(other.fd_), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), there_(std::move(other.there_)) {}

SparseImage::~SparseImage() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Result<SparseImage> SparseImage::read(int fd, bool local_symbols) {
  struct stat st{};
  if (::fstat(fd, &st) != 0) return fail_errno(errno, "can't read the file");
  if (!S_ISREG(st.st_mode) || st.st_size <= 0) return fail(Code::kUnsupported, "not an ELF file");
  const auto size = static_cast<std::uint64_t>(st.st_size);
  if (size > kMaxFile) return fail(Code::kLimit, "file is larger than 4 GiB");
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return fail_errno(errno, "no memory for the file");
  SparseImage out(fd, static_cast<std::uint8_t*>(memory), size);
  TRY_VOID(out.fetch(0, size <= kSmall ? size : kHead));
  TRY_VOID(out.fetch_tables(local_symbols));
  return out;
}

Result<void> SparseImage::fetch(std::uint64_t offset, std::uint64_t size) {
  if (offset >= size_ || size == 0) return {};
  const std::uint64_t end = (offset + std::min<std::uint64_t>(size, size_ - offset) - 1) / kPage + 1;
  for (std::uint64_t page = offset / kPage; page < end; ++page) {
    if (there_[page]) continue;
    const std::uint64_t first = page;
    for (; page < end && !there_[page]; ++page) there_[page] = true;
    TRY_VOID(read_pages(first * kPage, std::min<std::uint64_t>(page * kPage, size_)));
  }
  return {};
}

bool SparseImage::peek(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (offset > size_ || out.size() > size_ - offset) return false;
  if (size_ <= kSmall) return std::copy_n(data_ + offset, out.size(), out.begin()), true;  // read whole
  ssize_t got = 0;
  while ((got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset))) < 0 && errno == EINTR) {
  }
  return got == static_cast<ssize_t>(out.size());
}

Result<void> SparseImage::read_pages(std::uint64_t offset, std::uint64_t end) {
  if (end - offset >= kPopulated) ::madvise(data_ + offset, end - offset, MADV_POPULATE_WRITE);
  while (offset < end) {
    const ssize_t got = ::pread(fd_, data_ + offset, end - offset, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "can't read the file", fmt::format("elf+{:#x}", offset));
    if (got == 0) return {};
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> SparseImage::fetch_tables(bool local_symbols) {
  TRY(header, read_header(view()));
  if (size_ <= kSmall) return {};
  TRY_VOID(fetch(header.segments, std::uint64_t{header.segment_count} * sizeof(Elf64_Phdr)));
  if (header.sections == 0 || header.count == 0) return fetch(0, std::min<std::uint64_t>(size_, kSectionless));
  TRY_VOID(fetch(header.sections, std::uint64_t{header.count} * sizeof(Elf64_Shdr)));
  TRY(rows, read_rows(view(), header));
  const bool hashed = std::ranges::any_of(rows, [](const Row& row) { return row.type == SHT_GNU_HASH; });
  for (const Row& row : rows) {
    const bool symbols = (row.type == SHT_DYNSYM && !hashed) || (local_symbols && row.type == SHT_SYMTAB);
    if (!symbols && row.type != SHT_DYNAMIC && row.type != SHT_GNU_verneed && row.type != SHT_GNU_verdef) continue;
    TRY_VOID(fetch(row.offset, row.size));
    if (symbols && row.link < rows.size()) TRY_VOID(fetch(rows[row.link].offset, rows[row.link].size));
  }
  return {};
}

Result<View> SparseImage::section(std::string_view name) {
  TRY(place, section_address(name));
  TRY_VOID(fetch(place.offset, place.size));
  return bytes::slice(view(), place.offset, place.size, "elf section");
}

Result<SparseImage::Place> SparseImage::section_address(std::string_view name) {
  TRY(header, read_header(view()));
  TRY(rows, read_rows(view(), header));
  if (header.names >= rows.size()) return fail(Code::kNotFound, "the sections have no names");
  const Row& names = rows[header.names];
  TRY_VOID(fetch(names.offset, names.size));
  for (const Row& row : rows) {
    const auto text = bytes::c_string(view(), names.offset + row.name, "elf section names");
    if (text && *text == name && row.type != SHT_NOBITS) return Place{row.address, row.size, row.offset};
  }
  return fail(Code::kNotFound, fmt::format("no section {}", name));
}

}  // namespace tlswhy::elf
