#pragma once
// What files hold, each searched once whatever the number of paths, programs and images that it is in: told by device and inode.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "facts/facts.h"
#include "host/files.h"

namespace tlswhy::cli {

// One ELF file.
struct Seen {
  std::string machine, trouble;  // why it was not read, "" if it was
  bool shared_object = false;
  std::uint64_t size = 0;  // of the file
  std::string soname, glibc;
  std::vector<std::string> needed;
  std::vector<facts::Stack> stacks;  // without a path
  std::vector<std::string> roots;    // subjects of the authorities that it carries, when asked for
  // Of the functions that stand for "the default places, please" (scan_search.cc): those that it names and does not define; those that it defines.
  std::uint32_t asks = 0, defines = 0;
};

class Searches {
 public:
  explicit Searches(bool roots) : roots_(roots) {}
  // Null for what is no ELF file or can't be opened.
  std::shared_ptr<const Seen> of(const host::Files& files, const std::string& path);
  // Looks at all of these on two threads, so that of() has them. `step`: called now and then with how many are done.
  void ahead(const host::Files& files, const std::vector<std::string>& paths, const std::function<void(std::size_t)>& step);

 private:
  using Id = std::pair<std::uint64_t, std::uint64_t>;
  bool roots_;
  std::map<Id, std::shared_ptr<const Seen>> seen_;
};

}  // namespace tlswhy::cli
