#pragma once
// What a world's folders hold, to see that an undone remedy left no trace.

#include <map>
#include <string>

namespace lab {

// A line for each path below the folders that scenarios may write to, but the lab's own: kind, mode, owner, size, time of change of files and
// links, target, and a digest of smaller files.
std::map<std::string, std::string> root_picture();

// "/etc/x.pem: a, now b" for the first that differs; "" for none.
std::string first_difference(const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after);

}  // namespace lab
