#include "diagnose/diagnose.h"

#include "diagnose/judge.h"
#include "diagnose/neighbours.h"
#include "diagnose/real_laboratory.h"

namespace tlswhy::diagnose {

findings::Report conclude(const Analysis& analysis, const Options& options) {
  RealLaboratory laboratory(analysis, options.probe);
  findings::Report report = judge(analysis.facts, laboratory, {options.setup});
  if (report.outcome == "failed") report.neighbours = neighbours(analysis);
  return report;
}

}  // namespace tlswhy::diagnose
