#pragma once
// What a project says about its scans, in .tlswhy.toml: findings that it knows of and lives with.

#include <string>
#include <vector>

#include "base/result.h"
#include "findings/finding.h"

namespace tlswhy::cli {

// [[ignore]] code = "TW101", path = "vendor/**" (a pattern as of glob(7), "" for any), reason = "…" (wanted)
struct IgnoreRow {
  std::string code, path, reason;
};

struct ScanSettings {
  std::vector<IgnoreRow> ignore;
};

// Of the file; of ".tlswhy.toml" here for "", where there need be none. kMalformed with the place of what is wrong.
base::Result<ScanSettings> read_scan_settings(const std::string& file);

// Takes files, and findings left without a file, out of the report's findings and lists them as ignored.
void apply(const ScanSettings& settings, findings::Report& report);

// "TW101,TW103" or "none"; kUsage for what is no code.
base::Result<std::vector<std::string>> read_fail_on(const std::string& text);

}  // namespace tlswhy::cli
