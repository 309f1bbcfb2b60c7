#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW601";
constexpr std::string_view kName = "duplicate_tls_library";

// The library that judged has taken the place of the one that its user would get.
const facts::LibraryFailure* replaced(const Case& one) {
  const auto hit = std::ranges::find_if(one.facts.library_failures, [&](const facts::LibraryFailure& each) {
    return each.pid == one.process.pid && each.why == "replaced" && (each.found == one.stack.path || each.found == one.stack.over);
  });
  return hit == one.facts.library_failures.end() || hit->searched.empty() ? nullptr : &*hit;
}

// LD_LIBRARY_PATH names the folder of what was found.
bool by_variable(const Case& one, const facts::LibraryFailure& failure) {
  const auto variable = one.process.trust_env.find("LD_LIBRARY_PATH");
  if (variable == one.process.trust_env.end()) return false;
  const auto folders = base::split(variable->second, ':');
  return std::ranges::find(folders, base::dir_name(failure.found)) != folders.end();
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr) return Silent{};
  const facts::LibraryFailure* failure = replaced(one);
  if (failure == nullptr) return Silent{};
  const std::string& own = failure->searched.front();
  Fires out{fmt::format("{} verified with {}, where {} would get {}", who(one.process), failure->found, base::base_name(failure->wanted_by), own),
            {}};
  out.evidence.push_back({fmt::format("it needs {}, which by itself is {}", failure->library, own), failure->wanted_by, "", "elf"});
  if (!failure->detail.empty()) out.evidence.push_back({failure->detail, own, "", "elf"});
  for (const facts::Stack& stack : one.facts.stacks)
    if (stack.pid == one.process.pid && stack.path == failure->found && !stack.why_loaded.empty())
      out.evidence.push_back({"how the other one came in: " + stack.why_loaded, stack.path, "", "elf"});
  add_common(one, out.evidence);
  out.change.edits.push_back({findings::EditKind::kOtherLibrary, own, ""});
  if (by_variable(one, *failure)) out.change.edits.push_back({findings::EditKind::kUnsetVariable, "LD_LIBRARY_PATH", ""});
  return out;
}

constexpr std::array kReasons{facts::Reason::kNoIssuer, facts::Reason::kSelfSigned, facts::Reason::kStoreRefused,
                              facts::Reason::kUnknown,  facts::Reason::kWeak,       facts::Reason::kNotParsed};

}  // namespace

const Rule kTw601DuplicateTlsLibrary{kCode,
                                     kName,
                                     "another copy of the TLS library has taken the place of the program's own",
                                     R"(What it means
  A process has one library of a name: whichever is loaded first serves all that ask for it. Here the copy that
  verified is not the one that its user would get by itself: the program, a plug-in or LD_LIBRARY_PATH brought
  another build along, which looks for its store elsewhere or judges otherwise.

How it is seen
  The mapped objects say who needs which library, and the loader's rules (RUNPATH, its cache, the default
  directories) what each would get; what is mapped is another file.

What proves it
  The same chain in the library that its user would get passes.

What to do
  Leave out LD_LIBRARY_PATH for this program, load the other copy not into the same process or under its own
  name, or give it a RUNPATH of its own.
)",
                                     kReasons,
                                     judge};

}  // namespace tlswhy::rules
