#include "diagnose/live_stacks.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "elf/image.h"
#include "stacks/stack.h"

namespace tlswhy::diagnose {
namespace {

base::Result<base::UniqueFd> open_mapped(const facts::Snapshot& process, const facts::MappedObject& mapped) {
  if (mapped.saved) return base::UniqueFd(::fcntl(mapped.saved->get(), F_DUPFD_CLOEXEC, 3));
  return host::open_following(*process.files, mapped.file.path);
}

bool is_ssl_library(const loader::Object& object) { return object.soname.starts_with("libssl.so"); }

// Whether the places compiled into the library would give the anchor, whatever the environment says.
std::optional<bool> default_holds(facts::Stack stack, const stacks::Look& look) {
  if (look.top == nullptr) return std::nullopt;
  stack.sources.clear();
  stack.own_stores = false;
  const host::Viewpoint as = look.as.without_environment();
  return std::ranges::any_of(stacks::sources_of(stack, {as, look.reader, look.top}),
                             [](const facts::Source& source) { return source.holds_anchor.value_or(false); });
}

// The file of a directory that has the anchor above `top`; "" for none.
std::string file_of_anchor(store::StoreReader& stores, const std::string& directory, const x509::Certificate& top) {
  const host::Resolved end = host::resolve(stores.files(), directory);
  const auto names = stores.files().list(end.path);
  for (const std::string& name : names ? *names : std::vector<std::string>{})
    if (stores.bundle(directory + "/" + name).find(top) != nullptr) return name;
  return "";
}

}  // namespace

host::Viewpoint viewpoint_of(const facts::Snapshot& process) {
  return {*process.files, process.who, process.process.trust_env, process.process.at_secure, process.process.command};
}

const LiveStacks::Object& LiveStacks::object(const facts::Snapshot& process, const facts::MappedObject& mapped) {
  const auto [entry, fresh] = objects_.try_emplace(fmt::format("{}#{}", mapped.file.path, mapped.file.inode));
  Object& out = entry->second;
  out.loading.path = mapped.file.path;
  if (!fresh) return out;
  auto fd = open_mapped(process, mapped);
  if (!fd) return out;
  base::UniqueFd keep(::fcntl(fd->get(), F_DUPFD_CLOEXEC, 3));
  auto image = elf::Image::read(std::move(*fd));
  if (!image) return out;
  const elf::ElfFile& file = image->file();
  out.loading = {mapped.file.path, file.soname(), file.needed(), file.rpath(), file.runpath()};
  out.stacks = stacks::recognise(*image, mapped.file.path);
  if (!out.stacks.empty() || is_ssl_library(out.loading)) out.fd = std::make_shared<base::UniqueFd>(std::move(keep));
  return out;
}

store::StoreReader& LiveStacks::stores(const facts::Snapshot& process) {
  std::string key = process.process.own_root ? fmt::format("{} ", process.process.pid) : "";
  key += fmt::format("{} {} {}", process.who.uid, process.who.gid, process.who.bypass);
  for (const gid_t group : process.who.groups) key += fmt::format(" {}", group);
  return readers_.try_emplace(key, *process.files, process.who).first->second;
}

void LiveStacks::look_ahead(const std::vector<std::shared_ptr<const facts::Snapshot>>& processes) {
  ahead_ = std::async(std::launch::async | std::launch::deferred, [this, processes] {
    for (const auto& process : processes)
      for (const facts::MappedObject& mapped : process->objects) (void)object(*process, mapped);
  });
}

void LiveStacks::add(const std::shared_ptr<const facts::Snapshot>& process, const x509::Certificate* top, Analysis& out) {
  if (!process || !done_.insert(process.get()).second) return;
  if (ahead_.valid()) ahead_.get();
  std::vector<loader::Object> loading;
  std::shared_ptr<const base::UniqueFd> ssl;
  for (const auto& mapped : process->objects) {
    const Object& one = object(*process, mapped);
    loading.push_back(one.loading);
    if (is_ssl_library(one.loading)) ssl = one.fd;
  }
  std::vector<facts::Stack> found;
  std::vector<LiveStack> alive;
  for (const auto& mapped : process->objects) {
    const Object& one = object(*process, mapped);
    for (facts::Stack stack : one.stacks) {
      LiveStack live{process, {}};
      stack.pid = process->process.pid;
      stack.deleted = mapped.file.deleted;
      stack.why_loaded = loader::explain(*process->files, loading, mapped.file.path, process->process.trust_env, process->process.at_secure);
      if (stacks::is_base(stack) && stack.linkage == "shared") {
        live.place.crypto = one.fd;
        live.place.ssl = ssl;
      }
      live.place.who = process->who;
      live.place.own_root = process->process.own_root;
      live.place.root = process->root;
      live.place.mount_namespace = process->mount_namespace;
      found.push_back(std::move(stack));
      alive.push_back(std::move(live));
    }
  }
  stacks::settle(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    facts::Stack& stack = found[i];
    if (!stacks::speaks(stack)) continue;
    const host::Viewpoint as = viewpoint_of(*process);
    const stacks::Look look{as, stores(*process), top};
    stacks::note_calls(stack, out.facts.trust_calls);
    stacks::describe(stack, look);
    for (facts::Source& source : stack.sources) {
      if (source.status == "denied") source.refused = host::refusing(*process->files, source.path, process->who);
      if (source.holds_unusable_anchor && source.what == "directory" && top != nullptr)
        source.anchor_file = file_of_anchor(stores(*process), source.path, *top);
    }
    stack.default_holds_anchor = default_holds(stack, look);
    out.facts.stacks.push_back(stack);
    out.stacks.push_back(alive[i]);
  }
}

std::int64_t LiveStacks::pick(const std::shared_ptr<const facts::Snapshot>& process, const Analysis& analysis) {
  if (!process) return -1;
  std::int64_t best = -1;
  std::ptrdiff_t best_hits = -1;
  for (std::size_t i = 0; i < analysis.facts.stacks.size(); ++i) {
    const facts::Stack& stack = analysis.facts.stacks[i];
    if (analysis.stacks[i].process != process || !stacks::is_base(stack)) continue;
    const auto hits = std::ranges::count_if(analysis.facts.lookups, [&](const facts::Lookup& lookup) {
      return lookup.path == stack.build.cert_file || lookup.path.starts_with(stack.build.cert_dir + "/");
    });
    if (hits <= best_hits) continue;
    best_hits = hits;
    best = static_cast<std::int64_t>(i);
  }
  return best;
}

}  // namespace tlswhy::diagnose
