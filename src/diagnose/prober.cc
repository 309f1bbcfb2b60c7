#include "diagnose/prober.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/socket.h"
#include "tls/hello_edit.h"
#include "tls/hello_probe.h"
#include "tls/names.h"
#include "tls/starttls.h"

namespace tlswhy::diagnose {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAllTogether(5000);
constexpr int kOneHello = 1500;

std::string key_of(const facts::Handshake& handshake) { return handshake.peer + '\n' + handshake.servername; }

x509::ProbeRequest request_for(const facts::Handshake& handshake, int timeout_ms) {
  const base::Endpoint peer = base::parse_endpoint(handshake.peer);
  x509::ProbeRequest out{peer.address, peer.port, handshake.servername};
  out.timeout_ms = timeout_ms;
  return out;
}

// Adds what passes between its making and its end to `spent`.
class Watch {
 public:
  explicit Watch(std::chrono::milliseconds& spent) : spent_(spent) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { spent_ += std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_); }

 private:
  std::chrono::milliseconds& spent_;
  Clock::time_point begin_ = Clock::now();
};

std::string described(const x509::ProbeAnswer& answer) {
  std::string out = answer.version;
  if (answer.cipher != 0) out += ", " + tls::cipher_name(answer.cipher);
  if (!answer.group.empty()) out += ", " + answer.group;
  return out;
}

}  // namespace

int Prober::time_left(int most, std::vector<std::string>& unseen) {
  const auto left = std::max<std::int64_t>(0, (kAllTogether - spent_).count());
  if (left == 0 && !std::exchange(told_, true)) unseen.emplace_back("more of the peers: asking them took 5 s, which is the limit");
  return static_cast<int>(std::min<std::int64_t>(most, left));
}

Chain Prober::chain(facts::Handshake& handshake, std::vector<std::string>& unseen) {
  if (!allowed_) {
    unseen.push_back(fmt::format("the chain of {}: TLS 1.3 encrypts it and --no-probe forbids asking the peer", handshake.peer));
    return {};
  }
  auto entry = asked_.find(key_of(handshake));
  if (entry == asked_.end()) {
    const int time = time_left(static_cast<int>(kAllTogether.count()), unseen);
    if (time == 0) return {};
    const Watch watch(spent_);
    entry = asked_.emplace(key_of(handshake), x509::probe_peer(request_for(handshake, time))).first;
    if (!entry->second)
      unseen.push_back(fmt::format("the chain of {}: a probe of the peer failed: {}", handshake.peer, entry->second.error().text()));
  }
  if (!entry->second) return {};
  const x509::ProbeAnswer& answer = *entry->second;
  handshake.certificate_requested = handshake.certificate_requested || answer.certificate_requested;
  if (handshake.requested_authorities.empty()) handshake.requested_authorities = answer.authorities;
  return answer.chain;
}

bool Prober::known(const facts::Handshake& handshake, const char* what, std::vector<facts::HelloProbe>& probes) {
  const auto entry = probes_.find(key_of(handshake) + '\n' + what);
  if (entry != probes_.end()) probes = entry->second;
  return entry != probes_.end() || !allowed_ || !handshake.via.empty() || !handshake.client.empty();
}

void Prober::keep(const facts::Handshake& handshake, const char* what) { probes_[key_of(handshake) + '\n' + what] = handshake.hello_probes; }

// True where it was answered; or where the time is up, so that no more is asked.
bool Prober::send(facts::Handshake& handshake, const std::string& changed, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen) {
  const int time = time_left(kOneHello, unseen);
  if (time == 0) return true;
  const Watch watch(spent_);
  const base::Endpoint peer = base::parse_endpoint(handshake.peer);
  const tls::HelloAnswer answer = tls::send_hello(peer.address, peer.port, hello, time);
  handshake.hello_probes.push_back({changed, answer.answered, answer.text});
  return answer.answered;
}

void Prober::try_hellos(facts::Handshake& handshake, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen) {
  if (hello.empty() || known(handshake, "hello", handshake.hello_probes)) return;
  if (!send(handshake, "the same hello", hello, unseen)) {
    if (const auto smaller = tls::without(hello, tls::HelloPart::kLarge))
      send(handshake, fmt::format("a smaller hello, {} bytes without post-quantum key share and long extensions", smaller->size()), *smaller, unseen);
    if (const auto nameless = tls::without(hello, tls::HelloPart::kServerName)) send(handshake, "no server name", *nameless, unseen);
  }
  keep(handshake, "hello");
}

void Prober::try_no_protocols(facts::Handshake& handshake, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen) {
  if (hello.empty() || known(handshake, "no protocols", handshake.hello_probes)) return;
  if (const auto bare = tls::without(hello, tls::HelloPart::kAlpn)) send(handshake, "no application protocols", *bare, unseen);
  keep(handshake, "no protocols");
}

void Prober::read_clear(facts::Handshake& handshake, const std::vector<std::uint8_t>& hello, std::vector<std::string>& unseen) {
  constexpr std::size_t kHead = 8;
  if (hello.empty() || !allowed_ || !handshake.via.empty() || !handshake.client.empty() || handshake.clear_answer->text.size() > kHead) return;
  const int time = time_left(kOneHello, unseen);
  if (time == 0) return;
  const Watch watch(spent_);
  const base::Endpoint peer = base::parse_endpoint(handshake.peer);
  const auto clear = tls::send_hello(peer.address, peer.port, hello, time).clear;
  if (clear && (clear->protocol == handshake.clear_answer->protocol || handshake.clear_answer->protocol.empty()))
    handshake.clear_answer = facts::ClearText{clear->protocol, clear->text};
}

void Prober::try_starttls(facts::Handshake& handshake, std::vector<std::string>& unseen) {
  std::string protocol = handshake.clear_answer ? handshake.clear_answer->protocol : "";
  if (protocol == "PostgreSQL") protocol = "postgres";
  std::ranges::transform(protocol, protocol.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto all = tls::starttls_protocols();
  if (std::ranges::find(all, protocol) == all.end() || known(handshake, "starttls", handshake.hello_probes)) return;
  if (const int time = time_left(kOneHello, unseen); time > 0) {
    const Watch watch(spent_);
    auto request = request_for(handshake, time);
    request.before = [&](int socket) { return tls::start_tls(socket, protocol, handshake.servername.empty() ? "localhost" : handshake.servername); };
    const auto answer = x509::probe_peer(request);
    handshake.hello_probes.push_back(
        {fmt::format("STARTTLS ({}) before the hello", protocol), answer.has_value(), answer ? answer->version : answer.error().message});
  }
  keep(handshake, "starttls");
}

void Prober::try_all(facts::Handshake& handshake, std::vector<std::string>& unseen) {
  if (known(handshake, "all", handshake.hello_probes)) return;
  if (const int time = time_left(kOneHello, unseen); time > 0) {
    const Watch watch(spent_);
    const auto answer = x509::probe_peer(request_for(handshake, time));
    handshake.hello_probes.push_back({"every version and cipher suite", answer.has_value(), answer ? described(*answer) : answer.error().message});
  }
  keep(handshake, "all");
}

void Prober::try_protocols(facts::Handshake& handshake, std::vector<std::string>& unseen) {
  if (known(handshake, "protocols", handshake.hello_probes)) return;
  if (const int time = time_left(kOneHello, unseen); time > 0) {
    const Watch watch(spent_);
    auto request = request_for(handshake, time);
    request.alpn = handshake.alpn_offered;
    const auto answer = x509::probe_peer(request);
    handshake.hello_probes.push_back({"the same application protocols", answer.has_value(),
                                      !answer                ? answer.error().message
                                      : answer->alpn.empty() ? "no application protocol"
                                                             : answer->alpn});
  }
  keep(handshake, "protocols");
}

}  // namespace tlswhy::diagnose
