#include "capture/fragments.h"

#include <algorithm>

namespace tlswhy::capture {
namespace {

constexpr std::size_t kMaxOpen = 256;
constexpr std::size_t kMaxPieces = 1024;
constexpr std::uint64_t kMaxDatagram = 65'535;

}  // namespace

bool Fragments::Datagram::complete() const {
  if (!size) return false;
  auto sorted = pieces;
  std::ranges::sort(sorted);
  std::uint32_t reached = 0;
  for (const auto& [from, to] : sorted) {
    if (from > reached) return false;
    reached = std::max(reached, to);
  }
  return reached >= *size;
}

std::optional<bytes::View> Fragments::add(const Fragment& piece) {
  const std::uint64_t end = piece.offset + std::uint64_t{piece.payload.size()};
  if (end > kMaxDatagram) return std::nullopt;
  const Key key{piece.from, piece.to, piece.identification, piece.protocol};
  const auto [entry, fresh] = open_.try_emplace(key);
  if (fresh) {
    order_.push_back(key);
    while (order_.size() > kMaxOpen) {
      open_.erase(order_.front());
      order_.pop_front();
    }
  }
  Datagram& datagram = entry->second;
  if (datagram.pieces.size() >= kMaxPieces) return std::nullopt;
  datagram.pieces.emplace_back(piece.offset, static_cast<std::uint32_t>(end));
  if (datagram.bytes.size() < end) datagram.bytes.resize(end);
  std::ranges::copy(piece.payload, datagram.bytes.begin() + piece.offset);
  if (!piece.more) datagram.size = static_cast<std::uint32_t>(end);
  if (!datagram.complete()) return std::nullopt;
  done_ = std::move(datagram.bytes);
  done_.resize(*datagram.size);
  open_.erase(entry);
  std::erase(order_, key);
  return bytes::View(done_);
}

}  // namespace tlswhy::capture
