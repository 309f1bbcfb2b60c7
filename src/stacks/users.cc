#include "stacks/users.h"

#include <algorithm>

#include "base/text.h"
#include "loader/loader.h"
#include "stacks/policy.h"
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

// Calls `each` with every program that is there, its Spec and what it trusts.
template <typename Each>
void for_each_user(const store::AnchorReader& reader, Each each) {
  const host::Viewpoint as{reader.files()};
  Spec spec;
  spec.take_places(as.files);
  for (const Stack* row : stacks())
    for (const Program& program : row->programs) {
      if (!is_here(program, as.files)) continue;
      spec.name = row->id;
      each(program, spec, trust_of(spec, as, reader));
    }
}

}  // namespace

std::vector<User> users_of_stores(const store::AnchorReader& reader) {
  std::vector<User> out;
  for_each_user(reader, [&](const Program& program, const Spec&, Trust trust) {
    User& user = out.emplace_back(std::string(program.name), std::vector<std::string>{}, std::move(trust.anchors));
    for (const facts::Source& source : trust.sources)
      if (source.status == "ok" && !source.path.empty()) user.stores.push_back(host::resolve(reader.files(), source.path, {}, false).path);
  });
  return out;
}

std::vector<UserVerdict> verdicts_of_users(const store::AnchorReader& reader, std::span<const x509::Certificate> chain, const std::string& host) {
  std::vector<UserVerdict> out;
  for_each_user(reader, [&](const Program& program, const Spec& spec, const Trust& trust) {
    out.push_back({std::string(program.name), judge_chain_for(spec, trust, chain, {host})});
  });
  return out;
}

}  // namespace tlswhy::stacks
