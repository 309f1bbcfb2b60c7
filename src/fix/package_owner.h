#pragma once
// Which package a file belongs to, by the lists that package managers keep: what a package owns comes back with its next version.

#include <string>

#include "fix/root.h"

namespace tlswhy::fix {

// "openssl (dpkg)"; "" for a file that none owns. dpkg, apk and pacman by their files; rpm, whose database is its own, by asking it.
std::string package_of(const Root& root, const std::string& path);

}  // namespace tlswhy::fix
