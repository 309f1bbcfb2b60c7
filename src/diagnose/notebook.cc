#include "diagnose/notebook.h"

#include <algorithm>

namespace tlswhy::diagnose {
namespace {

auto same_question(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) {
  return [=, &change](const findings::Trial& trial) {
    return trial.means == means && trial.handshake == handshake && trial.stack == stack && trial.change == change;
  };
}

}  // namespace

const findings::Trial& Notebook::ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) {
  const auto known = std::ranges::find_if(trials_, same_question(means, handshake, stack, change));
  if (known != trials_.end()) return *known;
  findings::Trial trial{means, handshake, stack, change, {}, ""};
  if (auto answer = laboratory_.ask(means, handshake, stack, change))
    trial.answer = std::move(*answer);
  else
    trial.trouble = answer.error().message;
  trials_.push_back(std::move(trial));
  return trials_.back();
}

base::Result<findings::Answer> RecordedLaboratory::ask(findings::Means means, std::int64_t handshake, std::int64_t stack,
                                                       const findings::Change& change) {
  const auto known = std::ranges::find_if(trials_, same_question(means, handshake, stack, change));
  if (known == trials_.end()) return base::fail(base::Code::kNotFound, "it was not tried");
  if (!known->answer) return base::fail(base::Code::kUnsupported, known->trouble);
  return *known->answer;
}

}  // namespace tlswhy::diagnose
