#pragma once
// The lab's certificate authority. Its roots carry the names of real ones, with keys of their own, and say in a comment
// that they were made here.

#include <string>

#include "base/result.h"
#include "lab/peer.h"

namespace lab {

// PEM texts, but for `intermediate_der`.
struct Authority {
  std::string root;                          // the trust anchor; a self-signed peer's certificate itself
  std::string root_hash;                     // its hashed-directory name
  std::string intermediate;                  // between root and leaf, "" if there is none
  std::string intermediate_der;              // as it is fetched
  std::string chain;                         // as the server sends it
  std::string key;                           // of the leaf
  std::string nameless_chain, nameless_key;  // for clients that send no name; "" for the same
  std::string namesake;                      // a root of the same name, with another key
  // Of clients: a root of their own, its intermediate, and leaves for one key.
  std::string client_root, client_intermediate, client_key, client, client_expired, client_server_only;
  std::string other_root;  // an anchor that has nothing to do with the chain
};

// Makes new keys (P-256) and the certificates that `peer` asks for; the leaf is for `host` and 127.0.0.1, or for
// the peer's own host alone.
tlswhy::base::Result<Authority> make_authority(const Peer& peer, const std::string& host);

}  // namespace lab
