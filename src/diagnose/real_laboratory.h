#pragma once
// Tries changes on this machine: in the model of the stack, in a caged copy of the process's own library, in a new handshake with the peer.

#include "diagnose/analyse.h"
#include "prove/laboratory.h"
#include "prove/library_run.h"
#include "stacks/judge.h"

namespace tlswhy::diagnose {

class RealLaboratory : public prove::Laboratory {
 public:
  // `analysis` must outlive it. `probe`: the peer may be asked.
  RealLaboratory(const Analysis& analysis, bool probe) : analysis_(analysis), probe_(probe) {}

  base::Result<findings::Answer> ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) override;

 private:
  base::Result<findings::Answer> in_model(std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<findings::Answer> in_library(std::int64_t handshake, std::int64_t stack, const findings::Change& change, bool shake);
  base::Result<prove::Trial> trial(std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<stacks::Judgement> judgement(std::int64_t handshake, std::int64_t stack, const findings::Change& change);

  const Analysis& analysis_;
  bool probe_;
  store::KnownCertificates known_;
};

}  // namespace tlswhy::diagnose
