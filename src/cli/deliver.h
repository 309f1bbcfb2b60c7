#pragma once
// The one way out of every command: its report, in each form of report/table.h that was asked for.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"
#include "findings/finding.h"

namespace tlswhy::cli {

// Writes the report's files and shows it on standard output, unless a file is standard output. The exit status: 1 with findings
// or a failure, 0 without, 3 when a file could not be written.
int deliver(const findings::Report& report, const Options& options);

// The same; an error goes to standard error, and its status is 2 for wrong usage, 3 for others.
int deliver(const base::Result<findings::Report>& report, const Options& options);

// `run`'s: shown on standard error, which is the report's alone when the command has ended, and written as well. What fails is said there.
void deliver_after_command(const findings::Report& report, const Options& options);

// Writes to standard error as it stands. It may be closed or on a full disk; the command's status counts for more.
void write_stderr(std::string_view text);

// Writes `text` to `path` so that a failure leaves what was there before: a temporary file beside it, fsync,
// rename. "-" writes to stdout. The errno of the step that failed.
base::Result<void> write_output(const std::string& path, const std::string& text);

}  // namespace tlswhy::cli
