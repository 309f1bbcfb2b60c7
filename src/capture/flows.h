#pragma once
// The TCP connections of a capture and the TLS handshakes in them. Memory is bounded whatever the capture's size: a
// connection is let go as soon as nothing more can be learnt from it, and the oldest one when there are too many.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "capture/fragments.h"
#include "capture/packet.h"
#include "capture/stream.h"
#include "tls/conversation.h"

namespace tlswhy::capture {

// How a connection ended: by the first FIN or RST.
enum class Ended : std::uint8_t { kNot, kFin, kReset };

// A handshake of the capture, told when its connection has ended, was let go, or the capture is over.
struct SeenHandshake {
  Endpoint client, server;
  std::uint64_t packet = 0;  // the number of the first packet of the connection, from 1
  const tls::Conversation* conversation = nullptr;
  bool incomplete_capture = false;  // segments are missing, or the start was not captured
  Ended ended = Ended::kNot;
  bool ended_by_client = false;
  std::int64_t time = 0;  // of the connection's first packet, seconds since 1970
};

class Flows {
 public:
  using Tell = std::function<void(const SeenHandshake&)>;
  // `keys` may be null; it must outlive the flows.
  explicit Flows(Tell tell, const tls::KeyLog* keys = nullptr) : tell_(std::move(tell)), keys_(keys) {}

  // `time`: when it was captured, seconds since 1970.
  void frame(int link_type, bytes::View data, std::int64_t time = 0);
  // The capture is over: tells what is left.
  void finish();
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t given_up() const { return given_up_; }  // handshakes let go for want of room

 private:
  struct Key {
    Endpoint low, high;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Flow {
    Endpoint client;
    Endpoint server;
    std::uint64_t packet = 0;
    std::int64_t time = 0;
    bool from_start = false, lost = false, dead = false;
    Ended ended = Ended::kNot;
    bool ended_by_client = false;
    Stream streams[2];  // from the client, from the server
    std::unique_ptr<tls::Conversation> conversation;
    std::size_t buffered = 0;
    std::list<Key>::iterator age;
  };
  using Table = std::unordered_map<Key, Flow, Hash>;

  void segment(const Segment& segment);
  Table::iterator open(const Key& key, const Segment& segment);
  void carry(Flow& flow, const Segment& segment);
  void end(Flow& flow);
  void close(Table::iterator entry);
  void make_room();

  Tell tell_;
  const tls::KeyLog* keys_;
  Fragments fragments_;
  Table table_;
  std::list<Key> ages_;  // oldest first
  std::size_t buffered_ = 0;
  std::int64_t now_ = 0;
  std::uint64_t packets_ = 0, given_up_ = 0;
};

}  // namespace tlswhy::capture
