#include "capture/flows.h"

#include <cstring>

namespace tlswhy::capture {
namespace {

constexpr std::size_t kMaxFlows = 40'000;
constexpr std::size_t kMaxBuffered = 24U << 20;
constexpr std::size_t kFlowCost = 512;  // an estimate of what a flow takes beside its buffers

}  // namespace

std::size_t Flows::Hash::operator()(const Key& key) const {
  std::uint64_t out = std::uint64_t{key.low.port} << 16 | key.high.port;
  for (const Endpoint* end : {&key.low, &key.high}) {
    std::uint64_t halves[2];
    std::memcpy(halves, end->address.data(), sizeof halves);
    out = (out ^ halves[0]) * 0x9e3779b97f4a7c15;
    out = (out ^ halves[1] ^ out >> 29) * 0xbf58476d1ce4e5b9;
  }
  return out ^ out >> 32;
}

void Flows::frame(int link_type, bytes::View data, std::int64_t time) {
  ++packets_;
  now_ = time;
  const Packet packet = decode(link_type, data);
  if (packet.segment) return segment(*packet.segment);
  if (!packet.fragment) return;
  const Fragment& piece = *packet.fragment;
  constexpr std::uint8_t kTcp = 6;
  if (piece.protocol != kTcp) return;
  if (const auto datagram = fragments_.add(piece))
    if (const auto whole = decode_tcp(*datagram, piece.from, piece.to)) segment(*whole);
}

void Flows::segment(const Segment& segment) {
  const Key key = segment.from < segment.to ? Key{segment.from, segment.to} : Key{segment.to, segment.from};
  auto entry = table_.find(key);
  const bool opening = segment.syn && !segment.ack;
  // A SYN that was sent or captured twice.
  if (entry != table_.end() && segment.syn && entry->second.streams[segment.from == entry->second.client ? 0 : 1].began_at(segment.sequence + 1))
    return;
  // The same pair of ports again: a new connection.
  if (entry != table_.end() && opening && (entry->second.dead || entry->second.conversation)) {
    close(entry);
    entry = table_.end();
  }
  if (entry == table_.end()) {
    // A connection that began before the capture is of interest only from a ClientHello on.
    if (!opening && !(segment.syn && segment.ack) && !tls::starts_client_hello(segment.payload)) return;
    entry = open(key, segment);
  }
  Flow& flow = entry->second;
  const bool from_client = segment.from == flow.client;
  if (segment.reset && !flow.streams[from_client ? 0 : 1].in_window(segment.sequence)) return;
  if (!flow.dead) carry(flow, segment);
  if (flow.ended == Ended::kNot && (segment.reset || segment.fin)) {
    flow.ended = segment.reset ? Ended::kReset : Ended::kFin;
    flow.ended_by_client = from_client;
  }
  if (segment.reset || (flow.dead && segment.fin)) close(entry);
}

Flows::Table::iterator Flows::open(const Key& key, const Segment& segment) {
  make_room();
  const auto entry = table_.try_emplace(key).first;
  Flow& flow = entry->second;
  const bool answer = segment.syn && segment.ack;
  flow.client = answer ? segment.to : segment.from;
  flow.server = answer ? segment.from : segment.to;
  flow.packet = packets_;
  flow.time = now_;
  flow.from_start = segment.syn;
  flow.age = ages_.insert(ages_.end(), key);
  return entry;
}

void Flows::carry(Flow& flow, const Segment& segment) {
  const bool from_client = segment.from == flow.client;
  Stream& stream = flow.streams[from_client ? 0 : 1];
  // One that comes late does not belong here. With data in it: TCP Fast Open (RFC 7413).
  if (segment.syn && !stream.carried()) stream.begin(segment.sequence + 1);
  if (segment.payload.empty()) return;
  if (!flow.conversation) {
    flow.conversation = std::make_unique<tls::Conversation>();
    flow.conversation->use_keys(keys_);
  }
  const tls::Side side = from_client ? tls::Side::kClient : tls::Side::kServer;
  const bool whole =
      stream.add(segment.sequence + (segment.syn ? 1 : 0), segment.payload, [&](bytes::View bytes) { flow.conversation->feed(side, bytes); });
  if (!whole) flow.lost = true;
  const std::size_t now = flow.streams[0].waiting() + flow.streams[1].waiting() + flow.conversation->buffered();
  buffered_ += now;
  buffered_ -= flow.buffered;
  flow.buffered = now;
  if (!whole || flow.conversation->settled()) end(flow);
}

// Nothing more can be learnt: the verdict is told, and only the key stays, so that later segments are known as old.
void Flows::end(Flow& flow) {
  if (flow.dead) return;
  flow.dead = true;
  if (flow.conversation && flow.conversation->is_tls())
    tell_({flow.client, flow.server, flow.packet, flow.conversation.get(),
           flow.lost || !flow.from_start || flow.streams[0].waiting() + flow.streams[1].waiting() > 0, flow.ended, flow.ended_by_client, flow.time});
  flow.conversation.reset();
  for (Stream& stream : flow.streams) stream.drop();
  buffered_ -= flow.buffered;
  flow.buffered = 0;
}

void Flows::close(Table::iterator entry) {
  end(entry->second);
  ages_.erase(entry->second.age);
  table_.erase(entry);
}

void Flows::make_room() {
  while (!ages_.empty() && (table_.size() >= kMaxFlows || buffered_ + table_.size() * kFlowCost > kMaxBuffered + kMaxFlows * kFlowCost)) {
    const auto oldest = table_.find(ages_.front());
    if (!oldest->second.dead && oldest->second.conversation && oldest->second.conversation->is_tls()) ++given_up_;
    close(oldest);
  }
}

void Flows::finish() {
  while (!ages_.empty()) close(table_.find(ages_.front()));
}

}  // namespace tlswhy::capture
