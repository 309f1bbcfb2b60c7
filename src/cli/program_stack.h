#pragma once
// What a program or library on the disk would use: its TLS stacks and this machine's store.

#include <optional>
#include <string>
#include <vector>

#include "facts/facts.h"
#include "host/files.h"
#include "store/anchor_reader.h"

namespace tlswhy::cli {

// The first store that has anchors, a bundle file before a directory; nothing where there is none.
std::optional<store::AnchorSet> best_store(const host::Files& files);

// The bundle that was asked for, or the machine's. kNotFound without one, kUnsupported for one that OpenSSL can't use.
base::Result<store::AnchorSet> choose_store(const host::Files& files, const std::string& bundle);

// The stacks in a program and the libraries that it asks for, each with its places, in the order of its files.
std::vector<facts::Stack> stacks_of(const host::Files& files, const std::string& program);

}  // namespace tlswhy::cli
