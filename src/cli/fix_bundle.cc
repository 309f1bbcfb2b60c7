// tlswhy fix bundle: a file of certificates without what can't be read.

#include "cli/fix_change.h"

namespace tlswhy::cli {
namespace {

struct BundleOptions : ChangeOptions {
  std::string file;
};

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<BundleOptions>();
  add_change_options(part, *options);
  part.add("FILE", options->file, "the file of certificates").required();
  return [options](const std::vector<std::string>&) {
    return carry_out(*options, "bundle", [&](const fix::Root&) -> base::Result<findings::Change> {
      return findings::Change{{{findings::EditKind::kRepairBundle, options->file, ""}}};
    });
  };
}

}  // namespace

const FixRemedy kFixBundle{"bundle", "write a file of certificates anew, without what can't be read; says what was left out", set_up};

}  // namespace tlswhy::cli
