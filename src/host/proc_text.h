#pragma once
// Parsers for the text and binary files of /proc/PID (proc(5)). They take bytes, so that fuzzers and saved
// runs can feed them; unreadable lines are skipped, never guessed.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/files.h"

namespace tlswhy::host {

// One file mapped by a process.
struct MappedFile {
  std::string path;  // as the kernel prints it, without " (deleted)"
  bool deleted = false;
  bool executable = false;  // some mapping of it is executable
  std::uint64_t inode = 0;
  std::uint64_t start = 0;  // lowest address
  std::uint64_t end = 0;    // end of the lowest mapping; START-END names /proc/PID/map_files entries
};

// /proc/PID/maps → one entry per file, in order of first address. 20,000 files at most.
std::vector<MappedFile> parse_maps(std::string_view text);

// /proc/PID/environ → name → value; the first of duplicates wins, as in getenv(3).
std::map<std::string, std::string> parse_environ(std::string_view bytes);

// Of `all` those that `wanted` names: "NAME", or "NAME=PREFIX" for one of which only the words that begin so are kept.
std::map<std::string, std::string> choose_variables(const std::map<std::string, std::string>& all, std::span<const std::string_view> wanted);

// /proc/PID/cmdline → arguments.
std::vector<std::string> parse_cmdline(std::string_view bytes);

// AT_SECURE of /proc/PID/auxv (getauxval(3)); false when the entry is not there.
bool parse_at_secure(std::string_view bytes);

// What tlswhy needs of /proc/PID/status.
struct ProcStatus {
  std::string name;
  pid_t tgid = 0;
  pid_t parent = 0;
  char state = '?';      // 'R', 'S', 'Z', … (proc_pid_status(5))
  unsigned filters = 0;  // of seccomp(2), in force for the thread (Linux 5.9)
  bool no_new_privileges = false;
  bool kernel_thread = false;  // "Kthread: 1" (Linux 6.8), or no memory of its own
  Credentials who;
};
ProcStatus parse_status(std::string_view text);

// /proc/PID/stat → a numeric field behind the name, numbered from 1 as in proc_pid_stat(5); nothing when the text is damaged.
std::optional<std::uint64_t> parse_stat_field(std::string_view text, int wanted);

}  // namespace tlswhy::host
