#pragma once
// Reads a process as it stands from /proc; it is stopped by the tracer or merely running.

#include <sys/types.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/recording.h"

namespace tlswhy::observe {

// Reads program, command line, parent, AT_SECURE and those environment variables that are in `variables`.
// What can't be read is left empty.
facts::Process read_process(pid_t pid, std::span<const std::string_view> variables);

// Its command line alone: the first words, made printable.
std::vector<std::string> read_command(pid_t pid);

// Those variables alone.
std::map<std::string, std::string> read_variables(pid_t pid, std::span<const std::string_view> variables);

// Takes a snapshot; kNotFound when the process is gone, kDenied when /proc is closed to us.
base::Result<std::shared_ptr<facts::Snapshot>> take_snapshot(pid_t pid, const facts::Process& known);

}  // namespace tlswhy::observe
