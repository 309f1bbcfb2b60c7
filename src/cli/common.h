#pragma once
// What subcommands share: the style for a stream, output files.

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::cli {

// Takes the words behind the first "--" out of `arguments`, with the "--": a command whose options are its own.
std::vector<std::string> take_command(std::vector<std::string>& arguments);

// The style for a stream: `fd` is 1 or 2. Honours --color, --plain, NO_COLOR (no-color.org), TERM=dumb.
report::Style style_for(const Options& options, int fd);

// Writes the report as JSON where `options` ask for it; false, and a line on stderr, when that failed.
bool write_report(const findings::Report& report, const Options& options);

// Writes `text` to `path` so that a failure leaves what was there before: a temporary file beside it, fsync,
// rename. "-" writes to stdout. The errno of the step that failed.
base::Result<void> write_output(const std::string& path, const std::string& text);

}  // namespace tlswhy::cli
