#pragma once
// Reads files of /proc, which say a size of 0 and end where they end.

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace tlswhy::host {

// The whole of a file, also of one that says a size of 0; 16 MiB at most; errors follow the errno.
base::Result<std::string> read_to_end(const std::string& path);

// The whole of /proc/PID/NAME, 16 MiB at most; errors follow the errno.
base::Result<std::string> read_proc(pid_t pid, const char* name);

// The target of the link /proc/PID/NAME ("exe", "cwd", "fd/3"), "" when it can't be read.
std::string proc_link(pid_t pid, const std::string& name);

}  // namespace tlswhy::host
