#pragma once
// Looks for literals in a file's bytes: the fallback where symbols or accessor code are not to be had.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "elf/elf_file.h"

namespace tlswhy::elf {

// The offset of the first `needle` at or behind `from`.
std::optional<std::uint64_t> find_bytes(bytes::View data, std::string_view needle, std::uint64_t from = 0);

// Which of many needles the data parts of a file hold, found in one pass; each needs four characters at least.
class Texts {
 public:
  static constexpr std::size_t kContext = 4096;  // bytes kept from a needle's place on

  explicit Texts(std::span<const std::string_view> needles);
  // Looks through one part, or through a window of it that reaches kContext beyond `size`.
  void search(bytes::View part, std::size_t size);
  void search(const ElfFile& file);
  // Takes over what another, with the same needles, found behind what this one looked through.
  void append(const Texts& behind);
  // What stands from the first places of this needle on, NUL behind each; empty if there is none, or it was not asked for.
  [[nodiscard]] bytes::View find(std::string_view needle) const;

 private:
  void look(bytes::View part, std::size_t at);
  std::vector<std::string_view> needles_;
  std::vector<std::vector<std::uint8_t>> found_;  // parallel to them
  std::vector<std::uint8_t> first_, next_;        // by hash: number of the first needle plus one; of the next with the same hash
};

// Adds the absolute paths that begin in the first `size` bytes, stand there as C strings of their own and end like those of bundles and of
// directories of anchors: each once, a hundred at most. Windows must overlap by kLongestPlace.
inline constexpr std::size_t kLongestPlace = 256;
void find_places(bytes::View window, std::size_t size, std::vector<std::string>& out);

// The text between `prefix` and `end` of the first printable match, e.g. find_quoted(d, "OPENSSLDIR: \"", '"').
std::optional<std::string> find_quoted(bytes::View data, std::string_view prefix, char end);

}  // namespace tlswhy::elf
