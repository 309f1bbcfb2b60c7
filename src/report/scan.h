#pragma once
// Files that were scanned: the stacks in them and in the libraries below them, where those look for anchors.

#include <string>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

std::string scan_report(const findings::Report& report, const Style& style);

}  // namespace tlswhy::report
