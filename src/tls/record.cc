#include "tls/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tlswhy::tls {

using base::Result;
using bytes::Cursor;
using bytes::View;

namespace {

constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kSupportedGroups = 10;
constexpr std::uint16_t kSignatureAlgorithms = 13;
constexpr std::uint16_t kAlpn = 16;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::uint16_t kCertificateAuthorities = 47;
constexpr std::size_t kMaxCertificates = 100;
constexpr std::size_t kMaxAuthorities = 100;
constexpr std::size_t kMaxNumbers = 256;  // of a list in a hello
constexpr std::size_t kMaxProtocols = 64;

// SHA-256("HelloRetryRequest"): the random that marks a retry (RFC 8446 §4.1.3).
constexpr std::array<std::uint8_t, 32> kRetryRandom{0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
                                                    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

struct AlertName {
  std::uint8_t code;
  const char* name;
};
constexpr AlertName kAlerts[]{{0, "close_notify"},
                              {10, "unexpected_message"},
                              {20, "bad_record_mac"},
                              {21, "decryption_failed"},
                              {22, "record_overflow"},
                              {40, "handshake_failure"},
                              {41, "no_certificate"},
                              {42, "bad_certificate"},
                              {43, "unsupported_certificate"},
                              {44, "certificate_revoked"},
                              {45, "certificate_expired"},
                              {46, "certificate_unknown"},
                              {47, "illegal_parameter"},
                              {48, "unknown_ca"},
                              {49, "access_denied"},
                              {50, "decode_error"},
                              {51, "decrypt_error"},
                              {70, "protocol_version"},
                              {71, "insufficient_security"},
                              {80, "internal_error"},
                              {86, "inappropriate_fallback"},
                              {90, "user_canceled"},
                              {100, "no_renegotiation"},
                              {109, "missing_extension"},
                              {110, "unsupported_extension"},
                              {112, "unrecognized_name"},
                              {113, "bad_certificate_status_response"},
                              {115, "unknown_psk_identity"},
                              {116, "certificate_required"},
                              {120, "no_application_protocol"}};

// ServerNameList: the first host_name entry.
Result<std::string> server_name(View body) {
  Cursor cursor(body, "tls server_name");
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls server_name");
  while (!entries.empty()) {
    TRY(type, entries.u8());
    TRY(length, entries.u16_be());
    TRY(name, entries.take(length));
    if (type == 0) return base::printable({reinterpret_cast<const char*>(name.data()), name.size()}, 256);
  }
  return std::string();
}

Result<std::vector<std::string>> version_list(View body) {
  Cursor cursor(body, "tls supported_versions");
  TRY(size, cursor.u8());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls supported_versions");
  std::vector<std::string> out;
  while (entries.remaining() >= 2) {
    TRY(version, entries.u16_be());
    if ((version & 0x0f0fU) != 0x0a0aU) out.push_back(version_name(version));  // GREASE (RFC 8701)
  }
  return out;
}

bool is_grease(std::uint16_t number) { return (number & 0x0f0fU) == 0x0a0aU && (number >> 8) == (number & 0xffU); }

// The numbers of a list, without its length.
std::vector<std::uint16_t> numbers(View list) {
  std::vector<std::uint16_t> out;
  for (std::size_t at = 0; at + 1 < list.size() && out.size() < kMaxNumbers; at += 2) {
    const auto number = static_cast<std::uint16_t>(list[at] << 8 | list[at + 1]);
    if (!is_grease(number)) out.push_back(number);
  }
  return out;
}

Result<std::vector<std::uint16_t>> number_list(View body) {
  Cursor cursor(body, "tls list");
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  return numbers(list);
}

// ProtocolNameList. GREASE in it is two bytes that can't be printed.
Result<std::vector<std::string>> protocol_list(View body) {
  Cursor cursor(body, "tls alpn");
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls alpn");
  std::vector<std::string> out;
  while (!entries.empty() && out.size() < kMaxProtocols) {
    TRY(length, entries.u8());
    TRY(name, entries.take(length));
    const bool grease = length == 2 && is_grease(static_cast<std::uint16_t>(name[0] << 8 | name[1]));
    if (!grease) out.push_back(base::printable({reinterpret_cast<const char*>(name.data()), name.size()}, 64));
  }
  return out;
}

// What only informs: a list that is broken is left out, and the server will say what it thinks of it.
void inform(std::uint16_t type, View body, ClientHello& hello) {
  if (type == kSupportedGroups)
    if (auto groups = number_list(body)) hello.groups = std::move(*groups);
  if (type == kSignatureAlgorithms)
    if (auto signatures = number_list(body)) hello.signatures = std::move(*signatures);
  if (type == kAlpn)
    if (auto protocols = protocol_list(body)) hello.alpn = std::move(*protocols);
}

Result<void> client_extension(std::uint16_t type, View body, ClientHello& hello) {
  if (type == kServerName) {
    TRY(name, server_name(body));
    hello.servername = name;
  }
  if (type == kSupportedVersions) {
    TRY(versions, version_list(body));
    hello.versions = versions;
  }
  inform(type, body, hello);
  return {};
}

std::string chosen_protocol(View body) {
  const auto list = protocol_list(body);
  return list && !list->empty() ? list->front() : "";
}

// DistinguishedName authorities<0..2^16-1>
Result<Authorities> authority_list(Cursor& cursor) {
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls authorities");
  Authorities out;
  while (!entries.empty() && out.size() < kMaxAuthorities) {
    TRY(length, entries.u16_be());
    TRY(name, entries.take(length));
    out.emplace_back(name.begin(), name.end());
  }
  return out;
}

// Calls `each` with every extension of the list at `cursor`; a message may end without one.
template <typename Each>
Result<void> each_extension(Cursor& cursor, Each each) {
  if (cursor.empty()) return {};
  TRY(size, cursor.u16_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls extensions");
  while (!entries.empty()) {
    TRY(type, entries.u16_be());
    TRY(length, entries.u16_be());
    TRY(body, entries.take(length));
    TRY_VOID(each(type, body));
  }
  return {};
}

}  // namespace

std::string version_name(std::uint16_t version) {
  switch (version) {
    case 0x0300: return "SSLv3";
    case 0x0301: return "TLSv1.0";
    case 0x0302: return "TLSv1.1";
    case 0x0303: return "TLSv1.2";
    case 0x0304: return "TLSv1.3";
    default: return fmt::format("{:#06x}", version);
  }
}

std::string alert_name(std::uint8_t code) {
  const auto hit = std::ranges::find(kAlerts, code, &AlertName::code);
  return hit != std::end(kAlerts) ? hit->name : fmt::format("alert {}", code);
}

bool starts_client_hello(View data) { return data.size() >= 6 && data[0] == 22 && data[1] == 3 && data[2] <= 4 && data[5] == 1; }

Result<ClientHello> parse_client_hello(View body) {
  Cursor cursor(body, "tls client hello");
  ClientHello hello;
  TRY(version, cursor.u16_be());
  TRY(random, cursor.take(32));
  std::ranges::copy(random, hello.random.begin());
  TRY(session, cursor.u8());
  TRY_VOID(cursor.take(session));
  TRY(suites, cursor.u16_be());
  TRY(list, cursor.take(suites));
  hello.ciphers = numbers(list);
  TRY(compression, cursor.u8());
  TRY_VOID(cursor.take(compression));
  TRY_VOID(each_extension(cursor, [&](std::uint16_t type, View data) { return client_extension(type, data, hello); }));
  if (hello.versions.empty()) hello.versions.push_back(version_name(version));
  return hello;
}

Result<ServerHello> parse_server_hello(View body) {
  Cursor cursor(body, "tls server hello");
  TRY(version, cursor.u16_be());
  TRY(random, cursor.take(32));
  ServerHello hello{version_name(version), std::ranges::equal(random, kRetryRandom), {}, 0, ""};
  std::ranges::copy(random, hello.random.begin());
  TRY(session, cursor.u8());
  TRY_VOID(cursor.take(session));
  TRY(suite, cursor.u16_be());
  hello.suite = suite;
  TRY_VOID(cursor.take(1));  // compression
  TRY_VOID(each_extension(cursor, [&](std::uint16_t type, View data) -> Result<void> {
    if (type == kAlpn) hello.alpn = chosen_protocol(data);
    if (type != kSupportedVersions) return {};
    Cursor field(data, "tls supported_versions");
    TRY(chosen, field.u16_be());
    hello.version = version_name(chosen);
    return {};
  }));
  return hello;
}

namespace {

Result<std::vector<std::vector<std::uint8_t>>> certificate_list(Cursor cursor, bool with_extensions) {
  TRY(size, cursor.u24_be());
  TRY(list, cursor.take(size));
  Cursor entries(list, "tls certificate", cursor.offset() - size);
  std::vector<std::vector<std::uint8_t>> out;
  while (!entries.empty() && out.size() < kMaxCertificates) {
    TRY(length, entries.u24_be());
    TRY(der, entries.take(length));
    out.emplace_back(der.begin(), der.end());
    if (!with_extensions) continue;
    TRY(extensions, entries.u16_be());
    TRY_VOID(entries.take(extensions));
  }
  return out;
}

}  // namespace

Result<std::vector<std::vector<std::uint8_t>>> parse_certificate(View body) { return certificate_list(Cursor(body, "tls certificate"), false); }

Result<std::vector<std::vector<std::uint8_t>>> parse_certificate13(View body) {
  Cursor cursor(body, "tls certificate");
  TRY(context, cursor.u8());
  TRY_VOID(cursor.take(context));
  return certificate_list(cursor, true);
}

Result<Authorities> parse_certificate_request(View body, bool version13) {
  Cursor cursor(body, "tls certificate request");
  TRY(first, cursor.u8());  // of the context, or of the certificate types
  TRY_VOID(cursor.take(first));
  if (!version13) {
    // TLS 1.0 and 1.1 have no signature algorithms: then what follows is the authorities, and ends the message.
    Cursor old = cursor;
    if (auto authorities = authority_list(old); authorities && old.empty()) return authorities;
    TRY(signatures, cursor.u16_be());
    TRY_VOID(cursor.take(signatures));
    return authority_list(cursor);
  }
  Authorities out;
  TRY_VOID(each_extension(cursor, [&](std::uint16_t type, View data) -> Result<void> {
    if (type != kCertificateAuthorities) return {};
    Cursor field(data, "tls certificate_authorities");
    TRY(authorities, authority_list(field));
    out = std::move(authorities);
    return {};
  }));
  return out;
}

Result<std::string> parse_encrypted_extensions(View body) {
  Cursor cursor(body, "tls encrypted extensions");
  std::string out;
  TRY_VOID(each_extension(cursor, [&](std::uint16_t type, View data) -> Result<void> {
    if (type == kAlpn) out = chosen_protocol(data);
    return {};
  }));
  return out;
}

}  // namespace tlswhy::tls
