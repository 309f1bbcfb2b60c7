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

// The files that running `program` would map for its DT_NEEDED closure, the program first. Missing
// libraries are left out; 512 objects at most.
std::vector<Object> closure(const host::Files& files, const std::string& program, const std::map<std::string, std::string>& env);

}  // namespace tlswhy::loader
