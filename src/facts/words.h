#pragma once
// The words of facts that know only a few, and how JSON spells them.

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace tlswhy::facts {

// Why a stack refused a chain, whatever the stack and its own numbering. Native codes become one of these where they are read.
enum class Reason {
  kUnknown,   // not seen
  kAccepted,  // not refused
  kNoIssuer,
  kSelfSigned,
  kExpired,
  kNotYetValid,
  kName,
  kPurpose,
  kConstraint,
  kWeak,
  kRevoked,
  kProtocol,
  kStoreRefused,
  kClientCertificate,
  kOwnCheck,
  kOther,
  kStrict,        // what only strict checking asks for (X509_V_FLAG_X509_STRICT)
  kNotParsed,     // the stack can't read a certificate
  kNoRevocation,  // a CRL or an OCSP answer was demanded and not had, or can't be used
};

// How a connection ended, as far as it was seen.
enum class Ending { kUnknown, kAlert, kCloseNotify, kFin, kReset, kTimeout, kOpen };

// Which command a report is of.
enum class Kind { kRun, kPid, kHost, kPcap, kScan, kStores, kStoresAs, kStacks, kCodes, kExplain, kFix };

template <typename Word, std::size_t Count>
using Words = std::array<std::pair<Word, std::string_view>, Count>;

inline constexpr Words<Reason, 19> kReasonWords{{{Reason::kUnknown, ""},
                                                 {Reason::kAccepted, "accepted"},
                                                 {Reason::kNoIssuer, "no_issuer"},
                                                 {Reason::kSelfSigned, "self_signed"},
                                                 {Reason::kExpired, "expired"},
                                                 {Reason::kNotYetValid, "not_yet_valid"},
                                                 {Reason::kName, "name"},
                                                 {Reason::kPurpose, "purpose"},
                                                 {Reason::kConstraint, "constraint"},
                                                 {Reason::kWeak, "weak"},
                                                 {Reason::kRevoked, "revoked"},
                                                 {Reason::kProtocol, "protocol"},
                                                 {Reason::kStoreRefused, "store_refused"},
                                                 {Reason::kClientCertificate, "client_certificate"},
                                                 {Reason::kOwnCheck, "own_check"},
                                                 {Reason::kOther, "other"},
                                                 {Reason::kStrict, "strict"},
                                                 {Reason::kNotParsed, "not_parsed"},
                                                 {Reason::kNoRevocation, "no_revocation_answer"}}};

inline constexpr Words<Ending, 7> kEndingWords{{{Ending::kUnknown, ""},
                                                {Ending::kAlert, "alert"},
                                                {Ending::kCloseNotify, "close_notify"},
                                                {Ending::kFin, "fin"},
                                                {Ending::kReset, "reset"},
                                                {Ending::kTimeout, "timeout"},
                                                {Ending::kOpen, "open"}}};

inline constexpr Words<Kind, 11> kKindWords{{{Kind::kRun, "run"},
                                             {Kind::kPid, "pid"},
                                             {Kind::kHost, "host"},
                                             {Kind::kPcap, "pcap"},
                                             {Kind::kScan, "scan"},
                                             {Kind::kStores, "stores"},
                                             {Kind::kStoresAs, "stores_as"},
                                             {Kind::kStacks, "stacks"},
                                             {Kind::kCodes, "codes"},
                                             {Kind::kExplain, "explain"},
                                             {Kind::kFix, "fix"}}};

// The table of a word's kind, for JSON and for renderers.
constexpr const auto& words_of(Reason) { return kReasonWords; }
constexpr const auto& words_of(Ending) { return kEndingWords; }
constexpr const auto& words_of(Kind) { return kKindWords; }

template <typename Word>
constexpr std::string_view name_of(Word word) {
  for (const auto& [value, name] : words_of(word))
    if (value == word) return name;
  return "";
}

// The first value for a name that is not in the table.
template <typename Word>
constexpr Word word_named(std::string_view name) {
  for (const auto& [value, text] : words_of(Word{}))
    if (text == name) return value;
  return Word{};
}

}  // namespace tlswhy::facts
