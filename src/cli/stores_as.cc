#include "cli/stores_as.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "cli/environment.h"
#include "host/files.h"
#include "host/self.h"
#include "stacks/policy.h"
#include "stacks/stack.h"
#include "stacks/trust.h"
#include "store/pem_bundle.h"
#include "x509/extensions.h"
#include "x509/readable.h"

namespace tlswhy::cli {
namespace {

constexpr std::uint64_t kMaxPem = 16U << 20;

// Those of `uid` without any group, for whom only root's rights bypass others'.
host::Credentials credentials(int uid) {
  if (uid < 0) return host::our_credentials();
  return {static_cast<uid_t>(uid), static_cast<gid_t>(uid), {}, uid == 0};
}

base::Result<host::Bytes> read_file(const std::string& path) {
  return host::read_following(host::RealFiles::machine(), host::real_path(path), kMaxPem);
}

// A verdict on half of a chain would be one on another chain.
base::Result<std::vector<x509::Certificate>> read_certificates(const std::string& path, const host::Bytes& pem) {
  store::PemBundle bundle = store::read_pem_bundle(pem);
  if (!bundle.errors.empty())
    return base::fail(base::Code::kMalformed, "holds a certificate that can't be read: " + bundle.errors.front().text(), path);
  if (bundle.certificates.empty()) return base::fail(base::Code::kMalformed, "holds no certificate", path);
  return std::move(bundle.certificates);
}

// What every stack is asked about.
struct Question {
  std::vector<x509::Certificate> chain, anchors;
  stacks::Asked asked;
  std::string anchors_path;  // "": what the stack reads
};

// `files`: where to put anchors of ours.
base::Result<Question> read_question(const StoresAs& what, host::MemoryFiles& files) {
  Question out;
  out.asked.host = what.servername;
  if (!what.at.empty()) {
    const auto time = base::seconds_of(what.at);
    if (!time || *time <= 0)
      return base::fail(base::Code::kUsage, fmt::format("\"{}\" is no time after 1970 as RFC 3339 writes it (2026-11-30T18:00:00Z)", what.at),
                        "--at");
    out.asked.time = *time;
  }
  if (!what.chain.empty()) {
    TRY(pem, read_file(what.chain));
    TRY(chain, read_certificates(what.chain, pem));
    out.chain = std::move(chain);
  }
  if (!what.anchors.empty()) {
    TRY(pem, read_file(what.anchors));
    TRY(anchors, read_certificates(what.anchors, pem));
    out.anchors = std::move(anchors);
    out.anchors_path = host::real_path(what.anchors);
    files.add_file(out.anchors_path, {pem.begin(), pem.end()});
  }
  return out;
}

// A stack whose program names the store reads these by its own rules, another trusts them, whatever it would read.
stacks::Trust trust_for(stacks::Spec spec, const Question& question, const host::Viewpoint& as, store::KnownCertificates& known) {
  if (question.anchors_path.empty()) return trust_of(spec, as, &known);
  spec.store = question.anchors_path;
  stacks::Trust out = trust_of(spec, as, &known);
  const auto read = std::ranges::find(out.sources, question.anchors_path, &stacks::ReadSource::path);
  if (read != out.sources.end()) return read->kind = "explicit", out;
  stacks::ReadSource source;
  source.kind = "explicit";
  source.what = "file";
  source.path = question.anchors_path;
  source.status = "ok";
  source.detail = "instead of what it would read";
  source.anchors = question.anchors.size();
  source.contents = out.anchors = question.anchors;
  out.sources = {std::move(source)};
  out.rejected.clear();
  out.refusal.clear();
  out.unseen_anchors = out.verifies_nothing = false;
  return out;
}

void judge_into(const stacks::Spec& spec, const stacks::Trust& trust, const Question& question, facts::Stack& out) {
  const stacks::Verdict verdict =
      trust.verifies_nothing ? stacks::Verdict{facts::Reason::kAccepted} : stacks::judge_chain_for(spec, trust, question.chain, question.asked);
  out.verdict = trust.verifies_nothing ? "unverified" : verdict.word();
  if (verdict.native != 0 && !verdict.accepted()) out.verdict_text = x509::verify_error_text(verdict.native);
  facts::StackVerdict& details = out.verdict_details.emplace();
  details.reason = verdict.reason;
  details.depth = verdict.depth;
  for (const x509::Certificate& certificate : verdict.path) details.path.push_back(certificate.subject());
  const auto depth = static_cast<std::size_t>(std::max(verdict.depth, 0));
  if (!verdict.accepted() && depth < details.path.size()) details.certificate = details.path[depth];
}

base::Result<facts::Stack> inspect(stacks::Spec spec, const Question& question, const host::Viewpoint& as, store::KnownCertificates& known) {
  if (stacks::find_stack(spec.name)->trust == nullptr)
    return base::fail(base::Code::kUnsupported, fmt::format("{} is recognised, but where it looks is not known", spec.name), spec.name);
  spec.take_places(as.files);
  const stacks::Trust trust = trust_for(spec, question, as, known);
  facts::Stack out;
  out.name = spec.name;
  out.version = spec.version;
  out.linkage = "unknown";
  out.sources = trust.source_facts(nullptr);
  out.refusal = trust.refusal;
  if (!question.chain.empty())
    judge_into(spec, trust, question, out);
  else if (!trust.refusal.empty() || trust.verifies_nothing)
    out.verdict = trust.verifies_nothing ? "unverified" : "refused";
  return out;
}

// What of the chain no verdict takes into account (docs/stacks.md).
std::vector<std::string> beyond_the_models(std::span<const x509::Certificate> chain) {
  std::vector<std::string> out;
  for (const x509::Certificate& certificate : chain) {
    const x509::Readable more = x509::readable(certificate);
    if (x509::constrains_policies(certificate))
      out.push_back(fmt::format("the policy constraints of {}: no model looks at certificate policies", certificate.subject()));
    if (more.must_staple) out.push_back(fmt::format("{} demands an OCSP answer (must-staple): no model asks for one", certificate.subject()));
    for (const std::string& odd : more.oddities)
      out.push_back(fmt::format("{} has {}: which stacks refuse that was measured for some of them only", certificate.subject(), odd));
  }
  return out;
}

// What was named; for "all" every stack with a model.
std::vector<std::string> names_of(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  for (const std::string& name : given) {
    if (name != "all") out.push_back(name);
    if (name != "all") continue;
    for (const stacks::Stack* row : stacks::stacks())
      if (row->trust != nullptr) out.emplace_back(row->id);
  }
  return out;
}

bool usable(const facts::Stack& stack) {
  if (!stack.verdict.empty()) return stack.verdict == "ok";
  for (const facts::Source& source : stack.sources)
    if (source.anchors > 0 || source.kind == "bundled") return true;
  return false;
}

}  // namespace

base::Result<findings::Report> stores_as(const StoresAs& what, const Options& options) {
  host::MemoryFiles only_anchors;
  TRY(question, read_question(what, only_anchors));
  TRY(machine, host::RealFiles::open(options.root));
  const bool ours = what.keep_environment || (options.root == "/" && what.environment_file.empty());
  TRY(environment, environment_of(ours, what.environment_file));
  const bool own_anchors = !question.anchors_path.empty();
  // With anchors of ours a stack finds no other file, and no variable that names one.
  host::Viewpoint as{own_anchors ? static_cast<const host::Files&>(only_anchors) : *machine, credentials(what.uid),
                     own_anchors ? Environment{} : environment, what.at_secure};
  as.time = question.asked.time;
  store::KnownCertificates known;
  findings::Report report;
  report.kind = facts::Kind::kStoresAs;
  report.facts.target.root = options.root;
  for (const std::string& name : names_of(what.stacks)) {
    TRY(spec, stacks::parse_spec(name));
    TRY(stack, inspect(std::move(spec), question, as, known));
    stack.model = name;
    report.facts.stacks.push_back(std::move(stack));
  }
  report.facts.unseen = beyond_the_models(question.chain);
  report.outcome = std::ranges::all_of(report.facts.stacks, usable) ? "ok" : "failed";
  return report;
}

}  // namespace tlswhy::cli
