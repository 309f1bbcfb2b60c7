#pragma once
// The lab's certificate authority. Its root carries the name of the origin's root, with a key of its own, and says
// in a comment that it was made here.

#include <string>

#include "base/result.h"

namespace lab {

// PEM texts.
struct Authority {
  std::string root;        // the trust anchor
  std::string root_hash;   // its hashed-directory name
  std::string chain;       // leaf and intermediate, as the server sends them
  std::string key;         // of the leaf
  std::string other_root;  // an anchor that has nothing to do with the chain
};

// Makes new keys (P-256) and certificates, valid from an hour ago for 30 days; the leaf is for `name` and
// 127.0.0.1.
tlswhy::base::Result<Authority> make_authority(const std::string& name);

}  // namespace lab
