#include "stacks/judge.h"

#include "stacks/stack.h"

namespace tlswhy::stacks {

Judgement judge_chain(const facts::Stack& stack, const host::Viewpoint& as, std::span<const x509::Certificate> chain, const std::string& host,
                      store::KnownCertificates* known, const Otherwise& otherwise) {
  if (!has_model(stack)) return {};
  const Spec spec = spec_of(stack, as.files);
  Judgement out{trust_of(spec, as, known), {}};
  if (out.trust.refuses_empty && !otherwise.more_anchors.empty()) out.trust.refusal.clear();
  for (const x509::Certificate& anchor : otherwise.more_anchors) {
    out.trust.anchors.push_back(anchor);
    out.trust.partial_chain = out.trust.partial_chain || !anchor.self_issued();
  }
  out.verdict = judge_chain_for(spec, out.trust, chain, {host, as.time, otherwise.checks});
  return out;
}

}  // namespace tlswhy::stacks
