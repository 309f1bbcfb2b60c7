#include "cli/stores_as.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "host/files.h"
#include "host/proc_files.h"
#include "host/proc_text.h"
#include "host/self.h"
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

base::Result<facts::Stack> inspect(const StoresAs& what, const Options& options) {
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

// What a verdict that is one of OpenSSL's numbers means; "" for another.
std::string meaning_of(const std::string& verdict) {
  int code = 0;
  const auto [end, error] = std::from_chars(verdict.data(), verdict.data() + verdict.size(), code);
  return error == std::errc{} ? x509::verify_error_text(code) : "";
}

bool usable(const facts::Stack& stack) {
  if (!stack.verdict.empty()) return stack.verdict == "ok";
  for (const facts::Source& source : stack.sources)
    if (source.anchors > 0 || source.kind == "bundled") return true;
  return false;
}

}  // namespace

base::Result<findings::Report> stores_as(const StoresAs& what, const Options& options) {
  TRY(stack, inspect(what, options));
  findings::Report report;
  report.kind = facts::Kind::kStoresAs;
  report.outcome = usable(stack) ? "ok" : "failed";
  report.facts.target.root = options.root;
  stack.verdict_text = meaning_of(stack.verdict);
  report.facts.stacks.push_back(std::move(stack));
  return report;
}

}  // namespace tlswhy::cli
