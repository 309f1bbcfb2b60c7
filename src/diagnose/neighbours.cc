#include "diagnose/neighbours.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/text.h"
#include "facts/reasons.h"
#include "loader/loader.h"
#include "stacks/stack.h"
#include "stacks/users.h"

namespace tlswhy::diagnose {
namespace {

// Programs that people compare with, if they are here and use this library.
std::string users_of(const host::Files& files, const std::string& library) {
  std::vector<std::string> users;
  for (const char* program : {"/usr/bin/curl", "/usr/bin/openssl", "/usr/bin/wget"}) {
    const auto objects = loader::closure(files, program, {});
    const bool uses = std::ranges::any_of(objects, [&](const auto& one) { return base::base_name(one.path) == base::base_name(library); });
    if (uses) users.emplace_back(program);
  }
  return users.empty() ? "" : " (used by " + base::join(users, ", ") + ")";
}

std::string sentence(const host::Files& files, const std::string& library, const x509::Certificate& top) {
  for (const facts::Stack& stack : stacks::recognise_at(files, library)) {
    store::AnchorReader stores(files);
    const host::Viewpoint as{files};
    for (const facts::Source& source : stacks::sources_of(stack, {as, stores, &top}))
      if (source.holds_anchor.value_or(false))
        return fmt::format("{} ({} {}) finds this anchor through {}{}", library, stack.name, stack.version, source.path, users_of(files, library));
  }
  return "";
}

}  // namespace

namespace {

std::string reason_text(facts::Reason reason) {
  std::string out(facts::name_of(reason));
  std::ranges::replace(out, '_', ' ');
  return out;
}

// Who here would trust the chain, and who would not and why, by their models and without any variable.
void add_verdicts(const host::Files& files, std::span<const x509::Certificate> chain, const std::string& host, std::vector<std::string>& out) {
  store::AnchorReader reader(files);
  std::vector<std::string> trusting;
  std::map<std::string, std::vector<std::string>> refusing;
  for (const auto& [name, verdict] : stacks::verdicts_of_users(reader, chain, host)) {
    if (verdict.accepted())
      trusting.push_back(name);
    else if (verdict.reason != facts::Reason::kUnknown)
      refusing[reason_text(verdict.reason)].push_back(name);
  }
  std::vector<std::string> others;
  for (const auto& [reason, names] : refusing) others.push_back(fmt::format("{} ({})", base::join(names, ", "), reason));
  if (!trusting.empty()) out.push_back(fmt::format("by their models, without variables, would trust this chain: {}", base::join(trusting, ", ")));
  if (!others.empty()) out.push_back(fmt::format("by their models, without variables, would not: {}", base::join(others, "; ")));
}

}  // namespace

std::vector<std::string> neighbours(const Analysis& analysis) {
  std::vector<std::string> out;
  const auto failed = std::ranges::find(analysis.facts.handshakes, "failed", &facts::Handshake::result);
  if (failed == analysis.facts.handshakes.end()) return out;
  if (!failed->client.empty() && failed->stack_index < 0) return out;  // of a capture: nobody here failed
  const auto& shake = analysis.handshakes[static_cast<std::size_t>(failed - analysis.facts.handshakes.begin())];
  if (shake.top == nullptr) return out;
  const host::RealFiles files = host::RealFiles::machine();
  if (facts::wants_anchor(*failed)) {
    const auto cache = loader::read_cache(files);
    for (const char* soname : {"libcrypto.so.3", "libcrypto.so.1.1"}) {
      const auto library = cache.find(soname);
      const bool is_itself =
          library != cache.end() && std::ranges::any_of(analysis.facts.stacks, [&](const auto& one) { return one.path == library->second; });
      if (library == cache.end() || is_itself) continue;
      if (std::string text = sentence(files, library->second, *shake.top); !text.empty()) out.push_back(std::move(text));
    }
  }
  if (facts::is_about_chain(facts::reason_of(*failed))) add_verdicts(files, shake.chain, failed->servername, out);
  return out;
}

}  // namespace tlswhy::diagnose
