#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/process_rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW603";
constexpr std::string_view kName = "library_load_failure";

// A connection over which the process had something to say: it went on without the library.
bool went_on(const Case& one) {
  return std::ranges::any_of(one.facts.connections, [&](const auto& each) { return each.pid == one.process.pid && each.error.empty(); });
}

std::string reason(const facts::LibraryFailure& failure) {
  if (failure.why == "missing") return "it is nowhere that the loader looked";
  if (failure.why == "version") return failure.detail;
  if (failure.why == "denied") return fmt::format("it may not read {}", failure.found);
  return fmt::format("{}: {}", failure.found, failure.detail);
}

void add_requester(const Case& one, const facts::LibraryFailure& failure, std::vector<findings::Evidence>& out) {
  if (failure.wanted_by.empty())
    return out.push_back({"no object that is there asks for " + failure.library + ": the program opens it itself (dlopen)", "", "", "elf"});
  const char* what = failure.wanted_by == one.process.exe ? "the program" : "a module of the program";
  out.push_back({fmt::format("{} needs {}", what, failure.library), failure.wanted_by, "", "elf"});
}

void add_search(const facts::LibraryFailure& failure, std::vector<findings::Evidence>& out) {
  std::vector<std::string> folders;
  for (const std::string& path : failure.searched) folders.push_back(base::dir_name(path));
  if (failure.why == "missing")
    out.push_back({fmt::format("the loader looked for {} in {}, and each of these gave ENOENT", failure.library, base::join(folders, ", ")), "",
                   "ENOENT", "trace"});
  if (!failure.detail.empty()) out.push_back({failure.detail, failure.found, "", failure.why == "denied" ? "trace" : "elf"});
}

// One that a program opens itself may be one that it can do without, unless the program was ended over it.
bool may_be_optional(const Case& one, const facts::LibraryFailure& failure) {
  constexpr int kNotRun = 126;  // from there on: not run, not found, ended by a signal
  return failure.wanted_by.empty() && one.process.exit_code.value_or(0) < kNotRun;
}

Outcome judge(const Case& one) {
  std::vector<const facts::LibraryFailure*> own;
  for (const facts::LibraryFailure& failure : one.facts.library_failures)
    if (failure.pid == one.process.pid) own.push_back(&failure);
  if (one.handshake != nullptr || own.empty() || went_on(one)) return Silent{};
  const facts::LibraryFailure& first = *own.front();
  if (std::ranges::all_of(own, [&](const auto* failure) { return may_be_optional(one, *failure); }))
    return Unknown{fmt::format("whether {} failed for want of {}", who(one.process), first.library),
                   "it opens that library itself, and may do without it"};
  const std::string by = first.wanted_by.empty() ? "" : fmt::format(", which {} needs", base::base_name(first.wanted_by));
  Fires out{fmt::format("{} could not load {}{}: {}", who(one.process), first.library, by, reason(first)), {}};
  for (const facts::LibraryFailure* failure : own) {
    add_requester(one, *failure, out.evidence);
    add_search(*failure, out.evidence);
  }
  if (const auto path = one.process.trust_env.find("LD_LIBRARY_PATH"); path != one.process.trust_env.end())
    out.evidence.push_back({"LD_LIBRARY_PATH is " + path->second, "", "", "process"});
  return out;
}

}  // namespace

const Rule kTw603LibraryLoadFailure{kCode,
                                    kName,
                                    "the program's TLS library can't be loaded",
                                    R"(What it means
  The loader does not find the TLS library that the program, or a module of it, was built for, or what it finds
  does not fit: it needs symbol versions that another library here does not define, it is for another processor,
  it is no library, or the process may not read it. The program fails before any handshake; an interpreter says
  "No module named '_ssl'", "cannot open shared object file" or "version `OPENSSL_3.2.0' not found".

How it is seen
  The process looked for the library, each look-up failed or ended at a file that does not fit, and it is not
  mapped as the process ends. The files themselves say who needs what (DT_NEEDED, .gnu.version_r) and what is
  there (.gnu.version_d, the ELF header).

What proves it
  Nothing is tried: the finding rests on the files and on what the loader did.

What to do
  Install the library of that very version, use a build of the program for this distribution, or, where the
  library lies elsewhere, name its directory in the RUNPATH or in LD_LIBRARY_PATH. A link under the name of
  another major version does not help.
)",
                                    {},
                                    judge};

}  // namespace tlswhy::rules
