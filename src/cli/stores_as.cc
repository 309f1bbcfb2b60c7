#include "cli/stores_as.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/time.h"
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

// The stack trusts these, whatever else it would read.
void trust_only(const std::string& path, const std::vector<x509::Certificate>& anchors, stacks::Trust& trust) {
  stacks::ReadSource source;
  source.kind = "explicit";
  source.what = "file";
  source.path = path;
  source.status = "ok";
  source.anchors = anchors.size();
  source.contents = anchors;
  source.detail = "by --anchors, instead of what it reads";
  trust.sources = {std::move(source)};
  trust.anchors = anchors;
  trust.rejected.clear();
  trust.refusal.clear();
  trust.unseen_anchors = false;
}

// What every stack is asked about.
struct Question {
  std::vector<x509::Certificate> chain, anchors;
  stacks::Asked asked;
};

base::Result<Question> read_question(const StoresAs& what) {
  Question out;
  out.asked.host = what.servername;
  if (!what.at.empty()) {
    const auto time = base::seconds_of(what.at);
    if (!time || *time <= 0)
      return base::fail(base::Code::kUsage, fmt::format("\"{}\" is no time after 1970 as RFC 3339 has it (2026-11-30T18:00:00Z)", what.at), "--at");
    out.asked.time = *time;
  }
  if (!what.chain.empty()) {
    TRY(chain, read_chain(what.chain));
    out.chain = std::move(chain);
  }
  if (!what.anchors.empty()) {
    TRY(anchors, read_chain(what.anchors));
    out.anchors = std::move(anchors);
  }
  return out;
}

base::Result<facts::Stack> inspect(stacks::Spec spec, const StoresAs& what, const Question& question, const host::Viewpoint& as,
                                   store::KnownCertificates& known) {
  const stacks::Stack* row = stacks::find_stack(spec.name);
  if (row->trust == nullptr)
    return base::fail(base::Code::kUnsupported, fmt::format("{} is recognised, but where it looks is not known", spec.name), spec.name);
  spec.take_places(as.files);
  stacks::Trust trust = trust_of(spec, as, &known);
  if (!what.anchors.empty()) trust_only(what.anchors, question.anchors, trust);
  facts::Stack out;
  out.name = spec.name;
  out.version = spec.version;
  out.linkage = "unknown";
  out.sources = trust.source_facts(nullptr);
  out.refusal = trust.refusal;
  if (!question.chain.empty()) {
    out.verdict = stacks::judge_chain_for(spec, trust, question.chain, question.asked).word();
  } else if (!trust.refusal.empty()) {
    out.verdict = "refused";
  }
  return out;
}

// The stacks that were named; for "all" every one with a model.
base::Result<std::vector<stacks::Spec>> read_specs(const std::vector<std::string>& texts) {
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    if (text != "all") names.push_back(text);
    if (text != "all") continue;
    for (const stacks::Stack* row : stacks::stacks())
      if (row->trust != nullptr) names.emplace_back(row->id);
  }
  std::vector<stacks::Spec> out;
  for (const std::string& name : names) {
    TRY(spec, stacks::parse_spec(name));
    out.push_back(std::move(spec));
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
  TRY(specs, read_specs(what.stacks));
  TRY(question, read_question(what));
  TRY(machine, host::RealFiles::open(options.root));
  const host::MemoryFiles nothing;
  const bool own_anchors = !what.anchors.empty();
  const host::Files& files = own_anchors ? static_cast<const host::Files&>(nothing) : *machine;
  host::Viewpoint as{files, credentials(what.uid), our_environment(), what.at_secure};
  as.time = question.asked.time;
  store::KnownCertificates known;
  findings::Report report;
  report.kind = facts::Kind::kStoresAs;
  report.facts.target.root = options.root;
  for (stacks::Spec& spec : specs) {
    TRY(stack, inspect(std::move(spec), what, question, as, known));
    stack.verdict_text = meaning_of(stack.verdict);
    report.facts.stacks.push_back(std::move(stack));
  }
  report.outcome = std::ranges::all_of(report.facts.stacks, usable) ? "ok" : "failed";
  return report;
}

}  // namespace tlswhy::cli
