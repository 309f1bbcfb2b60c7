#include "report/terminal.h"

#include "report/catalogue.h"
#include "report/handshakes.h"
#include "report/process.h"
#include "report/remedies.h"
#include "report/scan.h"
#include "report/stores.h"
#include "report/text.h"

namespace tlswhy::report {

std::string terminal(const findings::Report& report, const Style& style) {
  switch (report.kind) {
    case facts::Kind::kRun: return text(report, style);
    case facts::Kind::kPid: return process_report(report, style);
    case facts::Kind::kHost: return handshakes_report(report, "answer", style);
    case facts::Kind::kPcap: return handshakes_report(report, "capture", style);
    case facts::Kind::kScan: return scan_report(report, style);
    case facts::Kind::kStores: return stores_report(report, style);
    case facts::Kind::kStoresAs: return stores_as_report(report, style);
    case facts::Kind::kStacks: return stacks_report(report);
    case facts::Kind::kCodes: return codes_report(report);
    case facts::Kind::kExplain: return explain_report(report);
    case facts::Kind::kFix: return fix_report(report, style);
  }
  return "";
}

}  // namespace tlswhy::report
