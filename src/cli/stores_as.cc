#include "cli/stores_as.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/common.h"
#include "host/files.h"
#include "host/proc_files.h"
#include "host/proc_text.h"
#include "host/self.h"
#include "report/text.h"
#include "stacks/policy.h"
#include "stacks/stack.h"
#include "stacks/trust.h"
#include "store/pem_bundle.h"

namespace tlswhy::cli {
namespace {

constexpr std::uint64_t kMaxChain = 1U << 20;

std::map<std::string, std::string> our_environment() {
  const auto text = host::read_proc(::getpid(), "environ");
  return text ? host::parse_environ(*text) : std::map<std::string, std::string>{};
}

// Those of `uid` without any group, for whom only root's rights bypass others'.
host::Credentials credentials(int uid) {
  if (uid < 0) return host::our_credentials();
  return {static_cast<uid_t>(uid), static_cast<gid_t>(uid), {}, uid == 0};
}

base::Result<std::vector<x509::Certificate>> read_chain(const std::string& path) {
  TRY(bytes, host::read_following(host::RealFiles::machine(), host::real_path(path), kMaxChain));
  store::PemBundle bundle = store::read_pem_bundle(bytes);
  if (bundle.certificates.empty()) return base::fail(base::Code::kMalformed, "holds no certificate", path);
  return std::move(bundle.certificates);
}

base::Result<facts::Stack> look(const StoresAs& what, const Options& options) {
  TRY(spec, stacks::parse_spec(what.stack));
  const stacks::Stack* row = stacks::find_stack(spec.name);
  if (row->trust == nullptr)
    return base::fail(base::Code::kUnsupported, fmt::format("{} is recognised, but where it looks is not known", spec.name), what.stack);
  TRY(files, host::RealFiles::open(options.root));
  store::KnownCertificates known;
  const host::Viewpoint as{*files, credentials(what.uid), our_environment(), what.at_secure};
  spec.take_places(*files);
  const stacks::Trust trust = trust_of(spec, as, &known);
  facts::Stack out;
  out.name = spec.name;
  out.version = spec.version;
  out.linkage = "unknown";
  out.sources = trust.source_facts(nullptr);
  out.refusal = trust.refusal;
  if (!what.chain.empty()) {
    TRY(chain, read_chain(what.chain));
    out.verdict = stacks::judge_chain_for(spec, trust, chain, {what.servername}).word();
  } else if (!trust.refusal.empty()) {
    out.verdict = "refused";
  }
  return out;
}

std::string verdict_text(const std::string& verdict) {
  if (verdict == "ok") return "it would trust this chain";
  if (verdict == "refused") return "it would give up before it connects: a store can't be loaded";
  if (verdict == "untrusted") return "it would not trust this chain";
  int code = 0;
  for (const char digit : verdict) code = code * 10 + (digit - '0');
  return fmt::format("it would refuse this chain: error {} ({})", verdict, x509::verify_error_text(code));
}

bool usable(const facts::Stack& stack) {
  if (!stack.verdict.empty()) return stack.verdict == "ok";
  for (const facts::Source& source : stack.sources)
    if (source.anchors > 0 || source.kind == "bundled") return true;
  return false;
}

}  // namespace

int stores_as(const StoresAs& what, const Options& options) {
  auto stack = look(what, options);
  if (!stack) {
    fmt::print(stderr, "tlswhy: {}\n", stack.error().text());
    return stack.error().code == base::Code::kUsage ? kUsage : kCannotInspect;
  }
  const bool good = usable(*stack);
  if (options.json != "-") {
    fmt::print("{}", report::sources_text(*stack, style_for(options, 1)));
    if (!stack->verdict.empty()) fmt::print("{}\n", verdict_text(stack->verdict));
  }
  findings::Report report;
  report.outcome = good ? "ok" : "failed";
  report.facts.stacks.push_back(std::move(*stack));
  if (!write_report(report, options)) return kCannotInspect;
  return good ? kNothingWrong : kFindings;
}

}  // namespace tlswhy::cli
