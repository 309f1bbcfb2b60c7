#pragma once
// Reports to JSON (schema "tlswhy/1", docs/schema/tlswhy-1.json) and back.

#include <string>
#include <string_view>

#include "base/result.h"
#include "findings/finding.h"

namespace tlswhy::findings {

// The report as indented JSON text. Bytes that are not UTF-8 become U+FFFD.
std::string to_json(const Report& report);

// Reads a report that to_json wrote, or an older one of schema tlswhy/1. kMalformed with the position for
// bad JSON or a wrong type, kUnsupported for another schema, kLimit above 256 MiB.
base::Result<Report> from_json(std::string_view text);

}  // namespace tlswhy::findings
