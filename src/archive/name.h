#pragma once
// Names of entries. What an archive says is never used as a path of this machine; all the same a name that leads out of its tree is refused, so that
// what is told of the tree is what an unpacker would make.

#include <optional>
#include <string>
#include <string_view>

namespace tlswhy::archive {

// "/usr/lib/x" of "./usr//lib/x"; "/" for the tree itself. Nothing for an absolute name, one with "..", and one longer than a path may be.
std::optional<std::string> tree_path(std::string_view name);

}  // namespace tlswhy::archive
