#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "facts/reasons.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

constexpr std::string_view kCode = "TW405";
constexpr std::string_view kName = "clock_skew";
constexpr std::array kReasons{facts::Reason::kExpired, facts::Reason::kNotYetValid};

constexpr std::int64_t kDay = 24 * 3600;

bool valid_at(const facts::Certificate& one, const std::string& now) { return one.not_before <= now && now <= one.not_after; }

// The process said that it is out of date, and by this machine's clock nothing is: it went by another time.
bool another_clock(const Case& one) {
  const facts::Handshake& shake = *one.handshake;
  const bool anchor_in_date = !shake.anchor || shake.anchor->out_of_date.empty();
  return shake.verify && shake.verify->seen_by == "process" && anchor_in_date &&
         std::ranges::all_of(shake.chain, [&](const auto& each) { return valid_at(each, one.facts.observed_at); });
}

Outcome of_the_process(const Case& one) {
  const auto& env = one.process.trust_env;
  Fires out{fmt::format("{} went by another clock than this machine's: by this one every certificate of {} is in date", who(one.process),
                        one.handshake->peer),
            {}};
  out.evidence.push_back(about_verdict(one));
  out.evidence.push_back({fmt::format("this machine's clock said {}; the leaf is valid from {} to {}", one.facts.observed_at,
                                      one.handshake->chain.front().not_before, one.handshake->chain.front().not_after),
                          "", "", one.handshake->chain_from});
  for (const char* name : {"FAKETIME", "LD_PRELOAD"})
    if (const auto set = env.find(name); set != env.end()) out.evidence.push_back({fmt::format("{}={}", name, set->second), "", "", "process"});
  out.change.edits.push_back({findings::EditKind::kTime, "", findings::kNow});
  return out;
}

// A file that was written later than now: one of the two clocks was wrong, and the certificates say which.
bool written_later(const facts::Facts& facts) {
  const auto now = base::seconds_of(facts.observed_at), file = base::seconds_of(facts.clock.newest_file_time);
  return now && file && *file > *now + kDay;
}

// A moment that the machine itself tells, at which the chain is valid.
std::string moment_of_machine(const Case& one) {
  const std::string& then = one.facts.clock.newest_file_time;
  const auto& chain = one.handshake->chain;
  if (std::ranges::all_of(chain, [&](const auto& each) { return valid_at(each, then); })) return then;
  const auto start = base::seconds_of(std::ranges::max_element(chain, {}, &facts::Certificate::not_before)->not_before);
  return start ? base::time_text(*start + 1) : "";
}

Outcome behind(const Case& one) {
  const facts::Clock& clock = one.facts.clock;
  Fires out{fmt::format("this machine's clock says {}, and is wrong: {} was written on {}", one.facts.observed_at, clock.newest_file,
                        clock.newest_file_time),
            {}};
  out.evidence.push_back({fmt::format("{} was written on {}", clock.newest_file, clock.newest_file_time), clock.newest_file, "", "model"});
  const facts::Certificate& leaf = one.handshake->chain.front();
  out.evidence.push_back(
      {fmt::format("{} is valid from {} to {}", leaf.subject, leaf.not_before, leaf.not_after), "", "", one.handshake->chain_from});
  if (clock.synchronised)
    out.evidence.push_back(
        {*clock.synchronised ? "the kernel calls the clock synchronised" : "the kernel calls the clock not synchronised", "", "", "model"});
  out.change.edits.push_back({findings::EditKind::kTime, "", moment_of_machine(one)});
  return out;
}

// Public authorities renew their roots long before these end: where a good part of them is out of date, it is the clock.
const facts::AnchorPlace* store_out_of_date(const Case& one) {
  constexpr std::uint64_t kMany = 20;
  const auto hit =
      std::ranges::find_if(one.facts.machine_stores, [&](const auto& place) { return place.anchors >= kMany && place.expired * 4 >= place.anchors; });
  return hit == one.facts.machine_stores.end() ? nullptr : &*hit;
}

Outcome ahead(const Case& one, const facts::AnchorPlace& store) {
  Fires out{fmt::format("this machine's clock says {}, by which {} of the {} roots in {} have ended: it is too far ahead", one.facts.observed_at,
                        store.expired, store.anchors, store.path),
            {}};
  out.evidence.push_back({fmt::format("{} of {} anchors are out of date by this clock", store.expired, store.anchors), store.path, "", "model"});
  const facts::Clock& clock = one.facts.clock;
  if (!clock.newest_file.empty())
    out.evidence.push_back({fmt::format("the last package was installed on {}", clock.newest_file_time), clock.newest_file, "", "model"});
  out.change.edits.push_back({findings::EditKind::kTime, "", moment_of_machine(one)});
  return out;
}

Outcome judge(const Case& one) {
  if (one.handshake == nullptr || one.handshake->chain.empty() || one.facts.observed_at.empty()) return Silent{};
  if (another_clock(one)) return of_the_process(one);
  if (written_later(one.facts)) return behind(one);
  const facts::AnchorPlace* store = store_out_of_date(one);
  return store != nullptr && facts::reason_of(*one.handshake) == facts::Reason::kExpired ? ahead(one, *store) : Outcome(Silent{});
}

}  // namespace

const Rule kTw405ClockSkew{kCode,
                           kName,
                           "this machine's clock, or the program's, is wrong",
                           R"(What it means
  Certificates are refused as expired or not yet valid, and it is the clock that is wrong, not they: a machine without time
  synchronisation, a restored snapshot, a container under libfaketime.

How it is seen
  The program refused dates that are fine by this machine's clock; or files of the machine were written later than its clock
  says; or by its clock a good part of the public roots has ended.

What proves it
  The same chain passes in the same library at the right time, with nothing else changed.

What to do
  Set the clock (timedatectl, chronyc, the host's clock for a container), and start the program without a false one.
)",
                           kReasons,
                           judge};

}  // namespace tlswhy::rules
