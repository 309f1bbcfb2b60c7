#pragma once
// What reading an archive may cost, whatever it says of itself, and what was left out for that.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tlswhy::archive {

struct Limits {
  std::uint64_t entries = 1'000'000;     // of all archives within one another
  std::uint64_t kept = 2ULL << 30;       // bytes of files in memory
  std::uint64_t file = 512ULL << 20;     // bytes of one such file
  std::uint64_t least = 1ULL << 30;      // that may be unpacked of any archive
  std::uint64_t ratio = 200;             // and beyond that as a multiple of its size
  std::uint64_t unpacked = 64ULL << 30;  // and never more than this
  int depth = 4;                         // archives within archives
};

class Budget {
 public:
  // `size`: of the archive's file.
  Budget(const Limits& limits, std::uint64_t size);

  // Each takes what is about to be used; false, and it is noted, when that is too much.
  bool entry();
  bool keep(std::uint64_t bytes, const std::string& path);
  bool unpack(std::uint64_t bytes);
  bool descend(int depth, const std::string& path);

  // Something of this kind was left out at `path`; told once for each kind, with its first place and how many there were.
  void note(std::string_view kind, const std::string& path);
  // One sentence for each kind.
  [[nodiscard]] std::vector<std::string> notes() const;
  // Nothing more may be unpacked.
  [[nodiscard]] bool spent() const { return spent_; }
  [[nodiscard]] std::uint64_t largest_file() const { return limits_.file; }

 private:
  struct Note {
    std::string first;
    std::uint64_t count = 0;
  };
  Limits limits_;
  std::uint64_t may_unpack_;
  std::uint64_t entries_ = 0, kept_ = 0, unpacked_ = 0;
  bool spent_ = false;
  std::map<std::string, Note, std::less<>> notes_;
};

}  // namespace tlswhy::archive
