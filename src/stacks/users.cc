#include "stacks/users.h"

#include <algorithm>

#include "base/text.h"
#include "loader/loader.h"
#include "stacks/stack.h"

namespace tlswhy::stacks {
namespace {

bool is_here(const Program& program, const host::Files& files) {
  const std::string path(program.path);
  if (host::resolve(files, path, {}, false).error != 0) return false;
  if (program.needs.empty()) return true;
  return std::ranges::any_of(loader::closure(files, path, {}),
                             [&](const loader::Object& one) { return base::base_name(one.path).starts_with(program.needs); });
}

}  // namespace

std::vector<User> users_of_stores(const store::AnchorReader& reader) {
  std::vector<User> out;
  const host::Viewpoint as{reader.files()};
  Spec spec;
  spec.take_places(as.files);
  for (const Stack* row : stacks())
    for (const Program& program : row->programs) {
      if (!is_here(program, as.files)) continue;
      spec.name = row->id;
      Trust trust = trust_of(spec, as, reader);
      User& user = out.emplace_back(std::string(program.name), std::vector<std::string>{}, std::move(trust.anchors));
      for (const facts::Source& source : trust.sources)
        if (source.status == "ok" && !source.path.empty()) user.stores.push_back(host::resolve(as.files, source.path, {}, false).path);
    }
  return out;
}

}  // namespace tlswhy::stacks
