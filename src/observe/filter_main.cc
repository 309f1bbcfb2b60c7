// Run by the build: prints the seccomp program for the table of calls, as initialisers of sock_filter. Made anew for each
// run of a command it takes a fifth of a millisecond, some of it libseccomp asking the kernel what it can do.

#include <fmt/format.h>
#include <seccomp.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <memory>

#include "observe/syscalls.h"

namespace {

using tlswhy::observe::Condition;
using tlswhy::observe::TracedCall;

bool trace(scmp_filter_ctx context, const TracedCall& call) {
  const auto rule = [&](std::initializer_list<scmp_arg_cmp> of) {
    return seccomp_rule_add_array(context, SCMP_ACT_TRACE(0), static_cast<int>(call.number), static_cast<unsigned>(of.size()), of.begin()) == 0;
  };
  if (call.when.front().kind == Condition::Kind::kNone) return rule({});
  return std::ranges::all_of(call.when, [&](const Condition& one) {
    const auto& [kind, argument, value, mask] = one;
    switch (kind) {
      case Condition::Kind::kIsNot: return rule({{argument, SCMP_CMP_NE, value, 0}});
      case Condition::Kind::kBelow: return rule({{argument, SCMP_CMP_LT, value, 0}});
      case Condition::Kind::kMasked: return rule({{argument, SCMP_CMP_MASKED_EQ, mask, value}});
      default: return true;
    }
  });
}

// Traces the table's calls, and allows all others.
bool describe(scmp_filter_ctx context) {
  if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) != 0) return false;
  if (seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0) return false;  // a binary tree over the numbers
  return std::ranges::all_of(tlswhy::observe::traced_calls(), [&](const TracedCall& call) { return trace(context, call); });
}

}  // namespace

int main() {
  const std::unique_ptr<void, decltype(&seccomp_release)> context(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  if (!context || !file || !describe(context.get()) || seccomp_export_bpf(context.get(), ::fileno(file.get())) != 0) return 1;
  if (std::fseek(file.get(), 0, SEEK_SET) != 0) return 1;
  sock_filter one{};
  while (std::fread(&one, sizeof one, 1, file.get()) == 1) fmt::print("sock_filter{{{:#x}, {}, {}, {:#x}}},\n", one.code, one.jt, one.jf, one.k);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
