#pragma once
// What the lab's server presents: a scenario's `peer` names one row of the table.

#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace lab {

using Field = std::pair<const char*, const char*>;  // of a distinguished name: "O", "GlobalSign nv-sa"
using Name = std::array<Field, 6>;                  // the empty fields do not count

// Who issues: the names of a root and of the intermediate below it.
struct Issuers {
  Name root, intermediate;
};

// Days from now.
struct Validity {
  long from = 0, until = 0;
};

inline constexpr Validity kRootDays{-3000, 3000}, kAuthorityDays{-1000, 1000}, kLeafDays{0, 30};

enum class Shape { kIntermediate, kDirect, kSelfSigned };  // how many certificates there are above the leaf: two, one, none
enum class Sent { kLeaf, kBelowRoot, kAll };

// What a client gets that does not say which name it wants.
enum class Nameless { kTheSame, kSelfSigned };

struct Peer {
  std::string_view name;
  const Issuers* issuers = nullptr;
  bool in_store = true;  // whether the root is in the system store, when the scenario does not say
  Shape shape = Shape::kIntermediate;
  Sent sent = Sent::kBelowRoot;
  Validity leaf = kLeafDays, intermediate = kAuthorityDays, root = kRootDays;
  std::string_view host = {};  // that the leaf is for, "" for the lab's server
  bool fetchable = false;      // the leaf says where its issuer's certificate can be fetched
  bool leaf_is_ca = false;     // as `openssl req -x509` makes a self-signed certificate
  bool no_key_usage = false;   // as make-ssl-cert makes it
  Nameless nameless = Nameless::kTheSame;
  std::string_view purpose = "serverAuth";  // the leaf's extended key usage
  std::string_view constraints = {};        // the intermediate's nameConstraints, as OpenSSL's configuration has them
  bool intermediate_is_ca = true;
  bool no_issuer_key_id = false;  // no authorityKeyIdentifier in the leaf
  unsigned rsa_bits = 0;          // of the leaf's key; 0: P-256
  bool sha1 = false;              // signs the leaf
  bool negative_serial = false;   // of the leaf
  std::string_view serves = {};   // options of the lab's server, separated by spaces (lab/server.cc)
};

// The row with that name ("" for the usual one), null if there is none.
const Peer* find_peer(std::string_view name);

}  // namespace lab
