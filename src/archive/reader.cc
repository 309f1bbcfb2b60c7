#include "archive/reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tlswhy::archive {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kBlock = 64U << 10;

std::unexpected<base::Error> trouble(struct archive* archive) {
  const char* text = ::archive_error_string(archive);
  return fail(Code::kMalformed, text == nullptr ? "it can't be read" : text, "archive");
}

// libarchive that was built without a library runs a program in its stead, and says so with a warning.
bool built_in(int (*support)(struct archive*)) {
  struct archive* trial = ::archive_read_new();
  const bool out = support(trial) == ARCHIVE_OK;
  ::archive_read_free(trial);
  return out;
}

void support_formats(struct archive* archive) {
  for (const auto format :
       {::archive_read_support_format_tar, ::archive_read_support_format_zip, ::archive_read_support_format_cpio, ::archive_read_support_format_ar})
    (void)format(archive);
  static constexpr std::array kFilters{::archive_read_support_filter_gzip, ::archive_read_support_filter_bzip2, ::archive_read_support_filter_xz,
                                       ::archive_read_support_filter_lzma, ::archive_read_support_filter_zstd,  ::archive_read_support_filter_lz4,
                                       ::archive_read_support_filter_rpm};
  static const auto kBuiltIn = [] {
    std::array<bool, kFilters.size()> out{};
    std::ranges::transform(kFilters, out.begin(), built_in);
    return out;
  }();
  for (std::size_t i = 0; i < kFilters.size(); ++i)
    if (kBuiltIn[i]) (void)kFilters[i](archive);
}

std::string text(const char* native, const char* utf8) { return native != nullptr ? native : utf8 != nullptr ? utf8 : ""; }

host::Kind kind_of(mode_t type) {
  switch (type) {
    case AE_IFREG: return host::Kind::kFile;
    case AE_IFDIR: return host::Kind::kDirectory;
    case AE_IFLNK: return host::Kind::kLink;
    default: return host::Kind::kOther;
  }
}

Entry entry_of(struct archive_entry* from) {
  Entry out;
  out.name = text(::archive_entry_pathname(from), ::archive_entry_pathname_utf8(from));
  out.stat.kind = kind_of(::archive_entry_filetype(from));
  out.stat.mode = ::archive_entry_perm(from) & 07777U;
  out.stat.uid = static_cast<uid_t>(::archive_entry_uid(from));
  out.stat.gid = static_cast<gid_t>(::archive_entry_gid(from));
  out.stat.size = static_cast<std::uint64_t>(std::max<la_int64_t>(0, ::archive_entry_size(from)));
  out.stat.modified = ::archive_entry_mtime(from);
  if (out.stat.kind == host::Kind::kLink) out.stat.target = text(::archive_entry_symlink(from), ::archive_entry_symlink_utf8(from));
  out.same_as = text(::archive_entry_hardlink(from), ::archive_entry_hardlink_utf8(from));
  return out;
}

}  // namespace

Reader::Reader(Budget& budget) : archive_(::archive_read_new()), budget_(budget) { support_formats(archive_); }

Reader::~Reader() { ::archive_read_free(archive_); }

Result<std::unique_ptr<Reader>> Reader::of_file(base::UniqueFd fd, Budget& budget) {
  std::unique_ptr<Reader> out(new Reader(budget));
  out->fd_ = std::move(fd);
  if (::archive_read_open_fd(out->archive_, out->fd_.get(), kBlock) != ARCHIVE_OK) return trouble(out->archive_);
  out->can_jump_ = ::archive_filter_count(out->archive_) == 1;
  return out;
}

Result<std::unique_ptr<Reader>> Reader::of_memory(bytes::View data, Budget& budget) {
  std::unique_ptr<Reader> out(new Reader(budget));
  if (::archive_read_open_memory(out->archive_, data.data(), data.size()) != ARCHIVE_OK) return trouble(out->archive_);
  out->can_jump_ = ::archive_filter_count(out->archive_) == 1;
  return out;
}

Result<std::unique_ptr<Reader>> Reader::of_stream(bytes::View data, Budget& budget) {
  std::unique_ptr<Reader> out(new Reader(budget));
  (void)::archive_read_support_format_raw(out->archive_);
  if (::archive_read_open_memory(out->archive_, data.data(), data.size()) != ARCHIVE_OK) return trouble(out->archive_);
  return out;
}

ssize_t Reader::pull(struct archive* inner, void* self, const void** out) {
  auto* reader = static_cast<Reader*>(self);
  *out = reader->block_.data();
  if (std::exchange(reader->has_head_, false)) return static_cast<ssize_t>(reader->block_.size());
  reader->block_.resize(kBlock);
  const auto got = reader->outer_->read(reader->block_);
  *out = reader->block_.data();
  if (got) return static_cast<ssize_t>(*got);
  ::archive_set_error(inner, -1, "%s", got.error().message.c_str());
  return -1;
}

Result<std::unique_ptr<Reader>> Reader::of_entry(Reader& outer, host::Bytes head, Budget& budget) {
  std::unique_ptr<Reader> out(new Reader(budget));
  out->outer_ = &outer;
  out->has_head_ = !head.empty();
  out->block_ = std::move(head);
  if (::archive_read_open(out->archive_, out.get(), nullptr, pull, nullptr) != ARCHIVE_OK) return trouble(out->archive_);
  return out;
}

Result<std::optional<Entry>> Reader::next() {
  if (in_entry_) TRY_VOID(skip());
  in_entry_ = false;
  if (budget_.spent()) return std::nullopt;
  struct archive_entry* entry = nullptr;
  const int status = ::archive_read_next_header(archive_, &entry);
  if (status == ARCHIVE_EOF) return std::nullopt;
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return trouble(archive_);
  if (!budget_.entry()) return std::nullopt;
  in_entry_ = true;
  return entry_of(entry);
}

// Data that is packed has to be unpacked to be skipped, and counts.
Result<void> Reader::skip() {
  if (can_jump_) {
    const int status = ::archive_read_data_skip(archive_);
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN || status == ARCHIVE_EOF) return {};
    return trouble(archive_);
  }
  host::Bytes room(kBlock);
  while (true) {
    TRY(got, read(room));
    if (got == 0) return {};
  }
}

Result<std::size_t> Reader::read(std::span<std::uint8_t> out) {
  const la_ssize_t got = ::archive_read_data(archive_, out.data(), out.size());
  if (got < 0) return trouble(archive_);
  if (!budget_.unpack(static_cast<std::uint64_t>(got))) return fail(Code::kLimit, "it unpacks to too much", "archive");
  return static_cast<std::size_t>(got);
}

Result<host::Bytes> Reader::rest(host::Bytes head, std::uint64_t expected) {
  const std::uint64_t most = budget_.largest_file();
  head.reserve(std::min({expected, most, std::uint64_t{64} << 20}));
  while (true) {
    const std::size_t before = head.size();
    head.resize(before + kBlock);
    TRY(got, read(std::span(head).subspan(before)));
    head.resize(before + got);
    if (got == 0) break;
    if (head.size() > most) return fail(Code::kLimit, "file is too large", "archive");
  }
  head.shrink_to_fit();
  return head;
}

bool Reader::is_ar() const { return (::archive_format(archive_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_AR; }

bool Reader::is_package() const {
  for (int i = 0; i < ::archive_filter_count(archive_); ++i)
    if (::archive_filter_code(archive_, i) == ARCHIVE_FILTER_RPM) return true;
  return is_ar();
}

}  // namespace tlswhy::archive
