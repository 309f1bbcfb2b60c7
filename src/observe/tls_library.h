#pragma once
// A mapped file that holds functions of tls_functions.h: where they are in it, and where its structures keep what
// verification found. The offsets are decoded from the library's own accessors, so any version will do.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "elf/sparse_image.h"
#include "host/proc_text.h"
#include "observe/go_program.h"
#include "observe/tls_functions.h"

namespace tlswhy::observe {

// Offsets inside X509_STORE_CTX and X509_STORE; missing ones mean that this part stays unseen.
struct VerifyFields {
  std::optional<std::uint32_t> error, depth, store, untrusted, certificate, ex_data, objects;
};

struct TlsLibrary {
  struct Entry {
    const TlsFunction* function;
    std::uint64_t address;  // as the file numbers it
  };
  std::string path;
  Family family = Family::kOpenSsl;
  std::uint64_t first_address = 0;
  std::vector<Entry> entries;
  std::optional<GoProgram> go;
  bool needs_glibc = false;    // and so is started by its loader
  bool checks_itself = false;  // hashes its own code in memory: no breakpoint may stand there
  // Of OpenSSL's family, for fields(): what was read of it before, and the rest.
  base::UniqueFd file;
  mutable std::optional<elf::SparseImage> image;

  // Decoded when first asked for, at a verdict: the disassembler takes longer to load than many a command to run.
  [[nodiscard]] const VerifyFields& fields() const;

 private:
  mutable std::optional<VerifyFields> fields_;
};

// Reads each file once, told apart by inode.
class TlsLibraries {
 public:
  // The file that `pid` maps, null when it holds none of the functions. `is_program`: look at local symbols and at
  // Go's function table too.
  const TlsLibrary* get(pid_t pid, const host::MappedFile& file, bool is_program);
  // Looks at a program that is about to be executed, so that it need not wait for that later. `path`: as exec(3) is given it;
  // `between` is called every few microseconds, from when on expects_glibc() can tell.
  void expect(const std::string& path, const std::function<void()>& between);
  // True when that program is one that glibc's loader starts.
  [[nodiscard]] bool expects_glibc() const { return expects_glibc_; }
  // True when the program of `pid` is known to hold none of the functions: a shell script runs the same few again and again.
  [[nodiscard]] bool program_without(pid_t pid) const;

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
  static Identity identity(pid_t pid);                       // of the program
  std::set<Identity> without_;
  std::pair<Identity, std::unique_ptr<TlsLibrary>> expected_;
  bool expects_glibc_ = false;
  std::map<std::pair<std::uint64_t, std::string>, std::unique_ptr<TlsLibrary>> known_;
};

}  // namespace tlswhy::observe
