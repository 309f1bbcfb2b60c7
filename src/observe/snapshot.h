#pragma once
// A process as it stood at one moment: what it maps, its environment at exec, its root. Read from /proc; the
// process is stopped by the tracer or merely running.

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "facts/facts.h"
#include "host/files.h"
#include "host/proc_text.h"

namespace tlswhy::observe {

struct MappedObject {
  host::MappedFile file;
  std::shared_ptr<const base::UniqueFd> saved;  // a file that is gone from its path
};

struct Snapshot {
  facts::Process process;
  host::Credentials who;
  std::vector<MappedObject> objects;                // executable mappings of files, the program first
  std::shared_ptr<const host::Files> files;         // its root
  std::shared_ptr<base::UniqueFd> root;             // the same as a descriptor
  std::shared_ptr<base::UniqueFd> mount_namespace;  // only when it is not ours
  std::vector<std::string> unseen;
};

// Reads program, command line, parent, AT_SECURE and those environment variables that are in `variables`.
// What can't be read is left empty.
facts::Process read_process(pid_t pid, std::span<const std::string_view> variables);

// Those variables alone.
std::map<std::string, std::string> read_variables(pid_t pid, std::span<const std::string_view> variables);

// Takes a snapshot; kNotFound when the process is gone, kDenied when /proc is closed to us.
base::Result<std::shared_ptr<Snapshot>> take_snapshot(pid_t pid, const facts::Process& known);

}  // namespace tlswhy::observe
