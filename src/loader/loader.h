#pragma once
// How ld.so picks a library, and why it picked the one it did (ld.so(8); glibc elf/dl-load.c).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elf/elf_file.h"
#include "host/files.h"

namespace tlswhy::loader {

// One object of a process or a would-be process.
struct Object {
  std::string path;
  std::string soname;
  std::vector<std::string> needed;
  std::string rpath, runpath;
  std::vector<elf::VersionNeed> version_needs = {};
  std::vector<std::string> versions = {};  // that it defines
};

// Reads the loader's view of the ELF file at `path`; errors of reading and parsing.
base::Result<Object> read_object(const host::Files& files, const std::string& path);

// The directories that ld.so searches for a library that `requester` needs, in order, each with its reason
// ("RUNPATH $ORIGIN", "LD_LIBRARY_PATH"). `main` is the executable (its DT_RPATH is inherited).
struct SearchStep {
  std::string directory;
  std::string reason;
};
std::vector<SearchStep> search_path(const Object& main, const Object& requester, const std::map<std::string, std::string>& env, bool at_secure);

// soname → path, from /etc/ld.so.cache (glibc-ld.so.cache1.1); empty when there is none or it is damaged.
std::map<std::string, std::string> read_cache(const host::Files& files);

// One sentence saying who asked for the mapped library `path` and by which rule it was found. `objects` are the
// mapped ELF files, the executable first.
std::string explain(const host::Files& files, const std::vector<Object>& objects, const std::string& path,
                    const std::map<std::string, std::string>& env, bool at_secure);

// What `requester` gets for the name `soname` in a process of `main`, without LD_LIBRARY_PATH and if nothing of that name is there yet; "" for
// nothing.
std::string find_library(const host::Files& files, const Object& main, const Object& requester, const std::string& soname);

// A symbol version that one object needs of another, which is there and does not define it: ld.so refuses both (elf/dl-version.c).
struct VersionLack {
  std::string wanted_by, library;  // paths
  std::string version;             // "GLIBC_2.38"
};
std::vector<VersionLack> version_lacks(const std::vector<Object>& objects);

// What is wrong with the file at `path`, as ld.so sees it in a process of `program`; nothing where it can be mapped there.
enum class Unfit { kNot, kNoElf, kMachine, kDenied };
Unfit unfit(const host::Files& files, const std::string& program, const std::string& path);

// The files that running `program` would map for its DT_NEEDED closure, the program first. Missing
// libraries are left out; 512 objects at most.
std::vector<Object> closure(const host::Files& files, const std::string& program, const std::map<std::string, std::string>& env);

// What one program would map, as above.
struct Loading {
  struct Missing {
    std::string library, wanted_by;
    std::vector<std::string> searched;  // directories, in the order of the search
    std::string found;                  // a file of that name that can't be loaded, "" for none
  };
  std::vector<Object> objects;        // the program first
  std::vector<std::size_t> asked_by;  // parallel: which of them asked for it first; of the program itself 0
  std::vector<Missing> missing;
};

// The same for many programs of one root: each file is read once, the cache too. For one thread at a time.
class Loader {
 public:
  // `files` must outlive it.
  Loader(const host::Files& files, std::map<std::string, std::string> env);
  Loading load(const std::string& program);

 private:
  struct Found {
    const Object* object = nullptr;
    Loading::Missing missing;
  };
  const Object* object(const std::string& path);
  Found find(const Object& main, const Object& requester, const std::string& soname, bool musl);

  const host::Files& files_;
  std::map<std::string, std::string> env_, cache_;
  std::map<std::string, std::optional<Object>> objects_;  // by path
};

}  // namespace tlswhy::loader
