#pragma once
// What stands at a path, whole enough to be put there again byte for byte.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "fix/root.h"

namespace tlswhy::fix {

enum class Kind { kAbsent, kFile, kLink, kDirectory };

struct State {
  Kind kind = Kind::kAbsent;
  std::uint32_t mode = 0644;
  // -1: whoever makes it; so it compares equal to any.
  std::int64_t uid = -1, gid = -1;
  std::int64_t modified = -1;  // nanoseconds since 1970; -1: when it is made
  std::string content;         // of a file, or the target of a link
  // Extended attributes: ACLs, the SELinux label, file capabilities.
  std::map<std::string, std::string> attributes;

  // "absent", "a file of 12 bytes, 0644", "-> /etc/ssl/cert.pem".
  [[nodiscard]] std::string text() const;
};

State file_state(std::string content, std::uint32_t mode = 0644);
State link_state(std::string target);
State directory_state(std::uint32_t mode = 0755);

// Whether nobody could tell one from the other, but for the time of change.
bool same(const State& one, const State& other);

// What is there now. kUnsupported for what is neither file, link nor directory, kLimit above 1 GiB.
base::Result<State> state_at(const Root& root, const std::string& path);

// How many names the file has (hard links); 0 for what is no file.
std::uint64_t names_of_file(const Root& root, const std::string& path);

// Makes what is there be `wanted`: a file or link by a temporary name, fsync, rename and fsync of the folder; a mode alone in place. A folder goes
// only when it is empty. `id` is for the temporary name. On an error all is as it was.
base::Result<void> put(const Root& root, const std::string& path, const State& wanted, const std::string& id);

// Takes away what a killed put() may have left.
void sweep(const Root& root, const std::string& path, const std::string& id);

}  // namespace tlswhy::fix
