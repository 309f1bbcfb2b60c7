#include "cli/program_stack.h"

#include <fmt/format.h>

#include "base/text.h"
#include "loader/loader.h"
#include "stacks/stack.h"
#include "store/system_stores.h"

namespace tlswhy::cli {

std::optional<store::AnchorSet> best_store(const host::Files& files) {
  store::AnchorReader reader(files);
  auto all = store::read_system_stores(reader);
  for (const bool directory : {false, true})
    for (store::AnchorSet& store : all)
      if (store.directory == directory && store.status == store::Status::kOk) return std::move(store);
  return std::nullopt;
}

base::Result<store::AnchorSet> choose_store(const host::Files& files, const std::string& bundle) {
  if (bundle.empty()) {
    auto found = best_store(files);
    if (!found) return base::fail(base::Code::kNotFound, "no usable trust store on this machine (`tlswhy stores` lists them)");
    return std::move(*found);
  }
  store::AnchorReader reader(files);
  store::AnchorSet out = reader.is_directory(bundle) ? reader.directory(bundle) : reader.bundle(bundle);
  if (out.status != store::Status::kOk)
    return base::fail(base::Code::kUnsupported, fmt::format("{} {}", store::status_name(out.status), out.detail), base::printable(bundle));
  return out;
}

std::vector<facts::Stack> stacks_of(const host::Files& files, const std::string& program) {
  std::vector<facts::Stack> out;
  for (const loader::Object& object : loader::closure(files, program, {}))
    for (facts::Stack& found : stacks::recognise_at(files, object.path)) out.push_back(std::move(found));
  stacks::settle(out);
  const host::Viewpoint as{files};
  const store::AnchorReader reader(files);
  for (facts::Stack& stack : out) stacks::describe(stack, {as, reader});
  return out;
}

}  // namespace tlswhy::cli
