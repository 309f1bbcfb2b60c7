#pragma once
// What a program is told by its command line and its configuration files.

#include <string>
#include <string_view>
#include <vector>

#include "host/viewpoint.h"

namespace tlswhy::stacks {

// The value of "--name VALUE" or "--name=VALUE", the last one; "" for none.
std::string option_value(const host::Viewpoint& as, std::string_view name);

// The last value of a setting in files of lines "name = value" or "name value"; letters' case, '-' and '_' in the name don't count.
// `section`: "http" for lines below "[http]", "" for files without sections. `by`: the file that said so.
struct Setting {
  std::string value, by;
};
Setting setting_in(const host::Viewpoint& as, const std::vector<std::string>& files, std::string_view section, std::string_view name);

}  // namespace tlswhy::stacks
