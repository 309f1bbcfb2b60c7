#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "capture/reader.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "diagnose/analyse.h"
#include "diagnose/diagnose.h"
#include "diagnose/viewpoint.h"
#include "facts/reasons.h"
#include "observe/handshake_facts.h"

namespace tlswhy::cli {
namespace {

constexpr std::size_t kMaxKept = 10'000;       // handshakes in a report; the others are counted
constexpr std::size_t kMaxChains = 16U << 20;  // bytes of different certificates

constexpr std::uint64_t kMaxKeyLog = 256U << 20;

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

struct PcapOptions {
  Options common;
  std::string file, keylog, as;
};

// The client saw what the server has to show, and left before the handshake was done: that is how some refuse (node).
bool left_early(const tls::Conversation& conversation, const facts::Handshake& shake) {
  const auto alert = conversation.alert();
  const bool said_bye = alert && !alert->encrypted && alert->sender == tls::Side::kClient;
  return shake.result == "incomplete" && conversation.server_hello() && (shake.ended_by == "client" || said_bye);
}

// Turns what the flows tell into recorded handshakes. A chain that many connections show is kept once.
class Gathering {
 public:
  void operator()(const capture::SeenHandshake& seen) {
    ++total_;
    if (recording_.handshakes.size() >= kMaxKept) return;
    // Where bytes are missing, an alert that can't be read may be anything.
    const bool whole = !seen.incomplete_capture && !seen.conversation->one_sided();
    auto alert = seen.conversation->alert();
    if (alert && alert->encrypted && !whole) alert.reset();
    facts::RecordedHandshake out{observe::describe_conversation(*seen.conversation, alert), {}, nullptr, true};
    out.facts.peer = seen.server.text();
    out.facts.client = seen.client.text();
    out.facts.packet = seen.packet;
    if (bytes_ < kMaxChains) observe::keep_messages(*seen.conversation, out);
    for (const auto* chain : {&out.chain, &out.client_chain, &out.authorities})
      for (const auto& der : *chain) bytes_ += der.size();
    out.hello = {};
    if (!out.chain.empty()) out.facts.chain_from = seen.conversation->decrypted() ? "capture" : "wire";
    if (seen.ended != capture::Ended::kNot && out.facts.ended == facts::Ending::kUnknown && whole) {
      out.facts.ended = seen.ended == capture::Ended::kReset ? facts::Ending::kReset : facts::Ending::kFin;
      out.facts.ended_by = seen.ended_by_client ? "client" : "server";
    }
    if (whole && left_early(*seen.conversation, out.facts)) out.facts.result = "failed";
    if (seen.conversation->one_sided())
      recording_.facts.unseen.push_back(
          fmt::format("the server's side of the connection at packet {}: one direction only was captured", seen.packet));
    if (seen.incomplete_capture && out.facts.result != "ok")
      recording_.facts.unseen.push_back(fmt::format("all of the connection at packet {}: segments are missing in the capture", seen.packet));
    if (!seen.conversation->trouble().empty() && !seen.conversation->clear_answer())
      recording_.facts.unseen.push_back(fmt::format("the rest of the handshake at packet {}: {}", seen.packet, seen.conversation->trouble()));
    if (seen.conversation->compressed_chain() && out.chain.empty())
      recording_.facts.unseen.push_back(
          fmt::format("the chain of the handshake at packet {}: it is compressed (RFC 8879), which is not read", seen.packet));
    times_.emplace(seen.packet, seen.time);
    if (seen.conversation->decrypted()) opened_.insert(seen.packet);
    recording_.handshakes.push_back(std::move(out));
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  // Whether its records could be opened.
  [[nodiscard]] bool was_opened(std::uint64_t packet) const { return opened_.contains(packet); }
  // When the connection began whose first packet this is.
  [[nodiscard]] std::int64_t time_of(std::uint64_t packet) const { return times_.at(packet); }
  facts::Recording take() {
    std::ranges::sort(recording_.handshakes, {}, [](const auto& one) { return one.facts.packet; });
    return std::move(recording_);
  }

 private:
  facts::Recording recording_;
  std::map<std::uint64_t, std::int64_t> times_;
  std::set<std::uint64_t> opened_;
  std::uint64_t total_ = 0;
  std::size_t bytes_ = 0;
};

void note_limits(const capture::ReadResult& read, const capture::Flows& flows, const Gathering& gathering, facts::Facts& facts) {
  if (!read.trouble.empty()) facts.unseen.push_back(fmt::format("the capture after packet {}: {}", read.packets, read.trouble));
  if (flows.given_up() > 0) facts.unseen.push_back(fmt::format("{} handshakes in more connections than are kept at a time", flows.given_up()));
  if (gathering.total() > kMaxKept) facts.unseen.push_back(fmt::format("{} handshakes beyond the first {}", gathering.total() - kMaxKept, kMaxKept));
  if (read.cut > 0)
    facts.unseen.push_back(fmt::format("the rest of {} packets: they are cut at {} bytes (tcpdump -s 0 keeps them whole)", read.cut, read.snapshot));
  const auto hidden = std::ranges::count_if(
      facts.handshakes, [&](const auto& one) { return one.chain.empty() && one.version == "TLSv1.3" && !gathering.was_opened(one.packet); });
  if (hidden > 0)
    facts.unseen.push_back(fmt::format("the chains of {} TLS 1.3 handshakes: encrypted, and no key log has their secrets (--keylog)", hidden));
}

// A client that left without a word after a certificate that was out of date then refused that.
void judge_at_their_time(const Gathering& gathering, diagnose::Analysis& analysis) {
  constexpr int kNotYetValid = 9, kExpired = 10;  // X509_V_ERR_*
  std::int64_t last = 0;
  for (std::size_t i = 0; i < analysis.facts.handshakes.size() && i < analysis.handshakes.size(); ++i) {
    facts::Handshake& shake = analysis.facts.handshakes[i];
    diagnose::LiveHandshake& live = analysis.handshakes[i];
    live.time = gathering.time_of(shake.packet);
    last = std::max(last, live.time);
    const auto bad = std::ranges::find_if(live.chain, [&](const x509::Certificate& one) { return live.time != 0 && !one.valid_at(live.time); });
    if (shake.result != "ok" || !shake.unused || bad == live.chain.end()) continue;
    const int code = bad->not_after() < base::time_text(live.time) ? kExpired : kNotYetValid;
    shake.result = "failed";
    shake.ended_by = "client";
    shake.verify = facts::openssl_verdict(code, x509::verify_error_text(code), static_cast<int>(bad - live.chain.begin()), "model");
    shake.reason = facts::reason_of(shake);
  }
  if (last == 0) return;
  analysis.facts.observed_at = base::time_text(last);
  analysis.facts.clock = {};  // it was another machine, and another day
}

base::Result<findings::Report> judge(const PcapOptions& options) {
  tls::KeyLog keys;
  if (!options.keylog.empty()) {
    const host::RealFiles files = host::RealFiles::machine();
    TRY(text, host::read_following(files, absolute(options.keylog), kMaxKeyLog));
    keys.add({reinterpret_cast<const char*>(text.data()), text.size()});
    keys.add("\n");
  }
  Gathering gathering;
  capture::Flows flows([&](const capture::SeenHandshake& seen) { gathering(seen); }, &keys);
  TRY(read, capture::read_capture(options.file, flows, keys));
  facts::Recording recording = gathering.take();
  std::shared_ptr<const facts::Snapshot> eyes;
  if (!options.as.empty()) {
    TRY(seen, diagnose::viewpoint(options.as));
    eyes = std::move(seen);
    for (auto& shake : recording.handshakes) shake.process = eyes;
  }
  diagnose::Analysis analysis = diagnose::analyse(std::move(recording), {false, true, ""});
  note_limits(read, flows, gathering, analysis.facts);
  judge_at_their_time(gathering, analysis);
  if (eyes) {
    const bool chains = std::ranges::any_of(analysis.facts.handshakes, [](const auto& one) { return !one.chain.empty(); });
    if (!diagnose::verify_as_seen(analysis) && chains) return base::fail(base::Code::kUnsupported, analysis.facts.unseen.back(), options.as);
  }
  return diagnose::conclude(analysis, {false});
}

base::Result<findings::Report> inspect(const PcapOptions& options) {
  TRY(report, judge(options));
  report.kind = facts::Kind::kPcap;
  report.facts.target.command = {base::printable(options.file)};
  return report;
}

}  // namespace

int pcap_command(const std::vector<std::string>& arguments) {
  Arguments parser("Lists the TLS handshakes of a capture: chain, alert, the anchor that is needed and where on this machine it is.", "tlswhy pcap");
  PcapOptions options;
  parser.common(options.common);
  parser.add("--keylog", options.keylog, "secrets of the connections (SSLKEYLOGFILE), to read what TLS 1.3 encrypts").type("FILE");
  parser.add("--as", options.as, "verify the chains as this program, process number or stack (openssl) would").type("WHO");
  parser.add("FILE", options.file, "a pcap or pcapng file, '-' for standard input").required();
  parser.footer("Live: tcpdump -i any -w - tcp | tlswhy pcap -");
  if (const auto status = parser.parse(arguments)) return *status;
  return deliver(inspect(options), options.common);
}

}  // namespace tlswhy::cli
