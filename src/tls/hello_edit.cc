#include "tls/hello_edit.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "tls/names.h"

namespace tlswhy::tls {
namespace {

using base::Result;
using bytes::Cursor;
using bytes::View;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kHeader = 5, kMessageHead = 4;
constexpr std::uint16_t kServerName = 0, kSupportedGroups = 10, kAlpn = 16, kPreSharedKey = 41, kEarlyData = 42, kKeyShare = 51;
constexpr std::size_t kLong = 400;  // no extension but a key share needs as much

void put(Octets& out, View data) { out.insert(out.end(), data.begin(), data.end()); }
void put16(Octets& out, std::size_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8));
  out.push_back(static_cast<std::uint8_t>(number));
}

// The handshake message that the records carry.
Octets message_of(View records) {
  Octets out;
  while (records.size() >= kHeader) {
    const std::size_t size = std::size_t{records[3]} << 8 | records[4];
    if (records.size() - kHeader < size) return {};
    put(out, records.subspan(kHeader, size));
    records = records.subspan(kHeader + size);
  }
  return out;
}

Result<Octets> groups_without(View body) {
  Cursor cursor(body, "tls groups");
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Octets kept;
  for (std::size_t at = 0; at + 1 < list.size(); at += 2)
    if (!is_post_quantum(static_cast<std::uint16_t>(list[at] << 8 | list[at + 1]))) put(kept, list.subspan(at, 2));
  Octets out;
  put16(out, kept.size());
  put(out, kept);
  return out;
}

Result<Octets> shares_without(View body) {
  Cursor cursor(body, "tls key_share");
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls key_share");
  Octets kept;
  while (!entries.empty()) {
    TRY(group, entries.u16_be());
    TRY(length, entries.u16_be());
    TRY(key, entries.take(length));
    if (is_post_quantum(group)) continue;
    put16(kept, group);
    put16(kept, key.size());
    put(kept, key);
  }
  Octets out;
  put16(out, kept.size());
  put(out, kept);
  return out;
}

// What becomes of one extension; nothing: it goes.
Result<std::optional<Octets>> edited(std::uint16_t type, View body, HelloPart part) {
  if (type == kPreSharedKey || type == kEarlyData) return std::nullopt;  // bound to the hello as it was
  if (part == HelloPart::kServerName && type == kServerName) return std::nullopt;
  if (part == HelloPart::kAlpn && type == kAlpn) return std::nullopt;
  if (part == HelloPart::kLarge && type == kSupportedGroups) {
    TRY(groups, groups_without(body));
    return groups;
  }
  if (part == HelloPart::kLarge && type == kKeyShare) {
    TRY(shares, shares_without(body));
    return shares;
  }
  if (part == HelloPart::kLarge && body.size() > kLong) return std::nullopt;
  return Octets(body.begin(), body.end());
}

Result<Octets> edit(View body, HelloPart part, bool& changed) {
  Cursor cursor(body, "tls client hello");
  TRY_VOID(cursor.take(34));
  TRY(session, cursor.u8());
  TRY_VOID(cursor.take(session));
  TRY(suites, cursor.u16_be());
  TRY_VOID(cursor.take(suites));
  TRY(compression, cursor.u8());
  TRY_VOID(cursor.take(compression));
  const View fixed = body.first(static_cast<std::size_t>(cursor.offset()));
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls extensions");
  Octets kept;
  while (!entries.empty()) {
    TRY(type, entries.u16_be());
    TRY(length, entries.u16_be());
    TRY(data, entries.take(length));
    TRY(now, edited(type, data, part));
    changed = changed || (!now && type != kPreSharedKey && type != kEarlyData) || (now && now->size() != data.size());
    if (!now) continue;
    put16(kept, type);
    put16(kept, now->size());
    put(kept, *now);
  }
  Octets out(fixed.begin(), fixed.end());
  put16(out, kept.size());
  put(out, kept);
  return out;
}

}  // namespace

std::optional<Octets> without(View hello, HelloPart part) {
  const Octets message = message_of(hello);
  if (message.size() <= kMessageHead || message[0] != 1) return std::nullopt;
  bool changed = false;
  const auto body = edit(View(message).subspan(kMessageHead), part, changed);
  constexpr std::size_t kMaxRecord = 1U << 14;
  if (!body || !changed || body->size() + kMessageHead > kMaxRecord) return std::nullopt;
  Octets out{22, 3, 1};
  put16(out, body->size() + kMessageHead);
  out.push_back(1);
  out.push_back(0);
  put16(out, body->size());
  put(out, *body);
  return out;
}

}  // namespace tlswhy::tls
