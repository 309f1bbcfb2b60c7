#pragma once
// Where Linux distributions keep their trust stores. Data with its source: the
// distributions' ca-certificates packages, and the probe lists of Go
// (crypto/x509/root_linux.go) and curl (configure).

#include <span>
#include <string_view>
#include <vector>

#include "store/anchor_reader.h"

namespace tlswhy::store {

struct SystemStore {
  std::string_view path;
  bool directory;
  std::string_view from;  // the distributions that keep it
};

// Every known place, most common first.
std::span<const SystemStore> known_system_stores();

// Reads each known place; missing ones are listed too.
std::vector<AnchorSet> read_system_stores(AnchorReader& reader);

}  // namespace tlswhy::store
