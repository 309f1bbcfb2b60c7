#include "archive/pyinstaller.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "archive/interest.h"
#include "archive/name.h"
#include "archive/reader.h"

namespace tlswhy::archive {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kMagic("MEI\014\013\012\013\016", 8);
constexpr std::uint64_t kCookie = 88;               // magic, four numbers, the name of Python's library
constexpr std::uint64_t kFarthest = 1024ULL << 20;  // from the end of the file, that it is looked for
constexpr std::uint64_t kMostTable = 64ULL << 20;
constexpr std::size_t kRowHead = 18;  // of an entry, before its name

Result<host::Bytes> bytes_at(int fd, std::uint64_t offset, std::uint64_t size) {
  host::Bytes out(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail_errno(errno, "can't read the file");
    if (got == 0) return fail(Code::kMalformed, "the file ends early", "pyinstaller");
    done += static_cast<std::size_t>(got);
  }
  return out;
}

// The last place of the magic; the bootloader looks for it from the end, too.
Result<std::optional<std::uint64_t>> find_cookie(int fd, std::uint64_t size) {
  constexpr std::uint64_t kStep = 1U << 20;
  const std::uint64_t stop = size > kFarthest ? size - kFarthest : 0;
  for (std::uint64_t end = size; end > stop;) {
    const std::uint64_t begin = end > stop + kStep ? end - kStep : stop;
    TRY(window, bytes_at(fd, begin, std::min(size, end + kMagic.size() - 1) - begin));
    const std::string_view text(reinterpret_cast<const char*>(window.data()), window.size());
    if (const std::size_t at = text.rfind(kMagic); at != std::string_view::npos) return begin + at;
    end = begin;
  }
  return std::nullopt;
}

std::uint32_t u32(const host::Bytes& data, std::size_t at) {
  return std::uint32_t{data[at]} << 24 | std::uint32_t{data[at + 1]} << 16 | std::uint32_t{data[at + 2]} << 8 | data[at + 3];
}

Result<std::vector<PyEntry>> rows_of(const host::Bytes& table, std::uint64_t start, std::uint64_t length) {
  std::vector<PyEntry> out;
  for (std::size_t at = 0; at + kRowHead <= table.size();) {
    const std::uint64_t size = u32(table, at);
    if (size < kRowHead || size > table.size() - at) return fail(Code::kMalformed, "an entry of its table is longer than that", "pyinstaller");
    PyEntry row{u32(table, at + 4), u32(table, at + 8), u32(table, at + 12), table[at + 16] != 0, static_cast<char>(table[at + 17]), {}};
    if (row.offset > length || row.packed > length - row.offset) return fail(Code::kMalformed, "an entry is not in the file", "pyinstaller");
    row.offset += start;
    row.name.assign(table.begin() + static_cast<std::ptrdiff_t>(at + kRowHead), table.begin() + static_cast<std::ptrdiff_t>(at + size));
    row.name.resize(std::min(row.name.size(), row.name.find('\0')));
    out.push_back(std::move(row));
    at += size;
  }
  return out;
}

// zlib's stream in the dress of gzip, which libarchive unpacks: another head, and a check sum that it does not look at.
host::Bytes as_gzip(const host::Bytes& zlib) {
  constexpr std::size_t kHeadOfZlib = 2, kTailOfZlib = 4;
  host::Bytes out{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
  if (zlib.size() > kHeadOfZlib + kTailOfZlib) out.insert(out.end(), zlib.begin() + kHeadOfZlib, zlib.end() - kTailOfZlib);
  out.insert(out.end(), 8, 0);
  return out;
}

Result<host::Bytes> contents_of(int fd, const PyEntry& row, Budget& budget) {
  if (row.unpacked == 0) return host::Bytes{};
  TRY(packed, bytes_at(fd, row.offset, row.packed));
  if (!row.compressed) return packed;
  const host::Bytes stream = as_gzip(packed);
  TRY(reader, Reader::of_stream(stream, budget));
  TRY(entry, reader->next());
  if (!entry) return fail(Code::kMalformed, "it can't be unpacked", "pyinstaller");
  return reader->rest({}, row.unpacked);
}

void take(int fd, const PyEntry& row, Tree& tree, Budget& budget) {
  const auto path = tree_path(row.name);
  if (!path) return budget.note("names that lead out of the archive, are too long or can't be read were refused", row.name);
  if (row.type != 'b' && row.type != 'x') return;  // Python's own modules and options
  Node node;
  node.stat.kind = host::Kind::kFile;
  node.stat.mode = row.type == 'b' ? 0755 : 0644;
  node.stat.size = row.unpacked;
  constexpr std::uint64_t kMostOfData = 16ULL << 20;
  if (row.packed > budget.largest_file() || (row.type == 'x' && row.unpacked > kMostOfData)) return (void)tree.put(*path, std::move(node));
  auto content = contents_of(fd, row, budget);
  if (!content) return budget.note("files that can't be unpacked", *path);
  const bytes::View head = bytes::View(*content).first(std::min(content->size(), kHead));
  if (interest_of(*path, head) != Interest::kNone && budget.keep(content->size(), *path))
    node.content = std::make_shared<const host::Bytes>(std::move(*content));
  (void)tree.put(*path, std::move(node));
}

}  // namespace

Result<std::optional<std::vector<PyEntry>>> read_py_table(int fd, std::uint64_t size) {
  TRY(at, find_cookie(fd, size));
  if (!at || size - *at < kCookie) return std::nullopt;
  TRY(cookie, bytes_at(fd, *at, kCookie));
  const std::uint64_t length = u32(cookie, 8), table_at = u32(cookie, 12), table_size = u32(cookie, 16), end = *at + kCookie;
  if (length > end || table_at > length || table_size > length - table_at || table_size > kMostTable) return std::nullopt;  // the word by chance
  TRY(table, bytes_at(fd, end - length + table_at, table_size));
  TRY(rows, rows_of(table, end - length, length));
  return std::optional(std::move(rows));
}

Result<std::optional<Content>> read_pyinstaller(int fd, const Limits& limits) {
  struct stat st{};
  if (::fstat(fd, &st) != 0) return base::fail_errno(errno, "can't stat the file");
  TRY(rows, read_py_table(fd, static_cast<std::uint64_t>(st.st_size)));
  if (!rows) return std::nullopt;
  Budget budget(limits, static_cast<std::uint64_t>(st.st_size));
  Content out;
  out.parts.push_back({Form::kFolder, "", std::make_unique<Tree>()});
  for (const PyEntry& row : *rows)
    if (budget.entry()) take(fd, row, *out.parts.front().tree, budget);
  out.notes = budget.notes();
  return std::optional(std::move(out));
}

}  // namespace tlswhy::archive
