#pragma once
// Tries changes on this machine: in the model of the stack, in a caged copy of the process's own library, in a new handshake with the peer.

#include "base/temporary_file.h"
#include "diagnose/analyse.h"
#include "diagnose/watched_run.h"
#include "prove/laboratory.h"
#include "prove/library_run.h"
#include "stacks/judge.h"

namespace tlswhy::diagnose {

class RealLaboratory : public prove::Laboratory {
 public:
  // `analysis` must outlive it. `probe`: the peer may be asked. `rerun`: the command that may be run again, empty for none.
  RealLaboratory(const Analysis& analysis, bool probe, std::vector<std::string> rerun = {})
      : analysis_(analysis), probe_(probe), rerun_(std::move(rerun)) {}

  base::Result<findings::Answer> ask(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change) override;

 private:
  base::Result<findings::Answer> in_model(std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<findings::Answer> start(std::int64_t stack, const findings::Change& change);
  base::Result<findings::Answer> in_library(std::int64_t handshake, std::int64_t stack, const findings::Change& change, bool shake);
  base::Result<findings::Answer> with_library(findings::Means means, std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<findings::Answer> in_runtime(std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<findings::Answer> in_command(std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<findings::Change> with_store_of(std::int64_t handshake, std::int64_t stack, const findings::Change& change, base::TemporaryFile& file);
  base::Result<prove::Trial> trial(std::int64_t handshake, std::int64_t stack, const findings::Change& change);
  base::Result<stacks::Judgement> judgement(std::int64_t handshake, std::int64_t stack, const findings::Change& change);

  const Analysis& analysis_;
  bool probe_;
  std::vector<std::string> rerun_;
  int reruns_left_ = 3;
  int probing_left_ms_ = 5'000;  // for all that asks peers in runtimes
  store::KnownCertificates known_;
};

}  // namespace tlswhy::diagnose
