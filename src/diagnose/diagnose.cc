#include "diagnose/diagnose.h"

#include <algorithm>

#include "diagnose/judge.h"
#include "diagnose/neighbours.h"
#include "diagnose/notebook.h"
#include "diagnose/real_laboratory.h"

namespace tlswhy::diagnose {

findings::Report conclude(const Analysis& analysis, const Options& options) {
  RealLaboratory laboratory(analysis, options.probe, options.rerun);
  findings::Report report = judge(analysis.facts, laboratory, {!options.rerun.empty(), options.setup});
  if (report.outcome == "failed") report.neighbours = neighbours(analysis);
  return report;
}

findings::Report judge_again(const findings::Report& saved) {
  RecordedLaboratory laboratory(saved.trials);
  facts::Facts facts = saved.facts;
  facts.unseen.clear();  // what the first judgement could not tell is said by the second
  const bool setup = saved.kind == facts::Kind::kPid && facts.handshakes.empty() && facts.target.watched == 0;
  const bool rerun = std::ranges::find(saved.trials, findings::Means::kCommand, &findings::Trial::means) != saved.trials.end();
  findings::Report out = judge(std::move(facts), laboratory, {rerun, setup});
  std::vector<std::string> unseen = saved.facts.unseen;
  for (std::string& sentence : out.facts.unseen)
    if (std::ranges::find(unseen, sentence) == unseen.end()) unseen.push_back(std::move(sentence));
  out.facts.unseen = std::move(unseen);
  out.neighbours = saved.neighbours;
  out.trials = saved.trials;  // nothing was tried anew
  out.kind = saved.kind;
  out.took_ms = saved.took_ms;
  return out;
}

}  // namespace tlswhy::diagnose
