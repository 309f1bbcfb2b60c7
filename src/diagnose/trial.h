#pragma once
// Tries a change out: the same chain, library, user and root, with nothing else different.

#include "diagnose/analyse.h"

namespace tlswhy::diagnose {

class Trial {
 public:
  // Of one handshake (index into the analysis) through one stack. Both must exist.
  Trial(const Analysis& analysis, std::size_t handshake, std::size_t stack) : analysis_(analysis), handshake_(handshake), stack_(stack) {}

  // The chain in the library as the process was set up, or under `change`.
  [[nodiscard]] base::Result<prove::LibraryAnswer> verify(const facts::Change& change) const;
  // A new handshake with the peer under `change`.
  [[nodiscard]] base::Result<prove::LibraryAnswer> handshake(const facts::Change& change) const;

 private:
  template <typename Run>
  base::Result<prove::LibraryAnswer> under(const facts::Change& change, Run run) const;
  const Analysis& analysis_;
  std::size_t handshake_, stack_;
};

}  // namespace tlswhy::diagnose
