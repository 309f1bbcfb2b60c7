// tlswhy fix rehash: the names by which OpenSSL looks into a folder.

#include "cli/fix_change.h"

namespace tlswhy::cli {
namespace {

struct RehashOptions : ChangeOptions {
  std::string folder;
};

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<RehashOptions>();
  add_change_options(part, *options);
  part.add("DIR", options->folder, "the folder of certificates").required();
  return [options](const std::vector<std::string>&) {
    return carry_out(*options, "rehash", [&](const fix::Root&) -> base::Result<findings::Change> {
      return findings::Change{{{findings::EditKind::kRehash, options->folder, ""}}};
    });
  };
}

}  // namespace

const FixRemedy kFixRehash{"rehash", "make the names by which every version of OpenSSL looks into a folder of certificates", set_up};

}  // namespace tlswhy::cli
