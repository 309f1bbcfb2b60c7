#include "diagnose/live_stacks.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "diagnose/attribution.h"
#include "elf/image.h"
#include "facts/named_by.h"
#include "stacks/stack.h"

namespace tlswhy::diagnose {
namespace {

base::Result<base::UniqueFd> open_mapped(const facts::Snapshot& process, const facts::MappedObject& mapped) {
  if (mapped.saved) return base::UniqueFd(::fcntl(mapped.saved->get(), F_DUPFD_CLOEXEC, 3));
  return host::open_following(*process.files, mapped.file.path);
}

// auditwheel puts a digest into the name: "libssl-81ffa89e.so.3".
bool is_ssl_library(const loader::Object& object) { return object.soname.starts_with("libssl.so") || object.soname.starts_with("libssl-"); }

// Whether the places compiled into the library would give the anchor, whatever the environment says.
std::optional<bool> default_holds(facts::Stack stack, const stacks::Look& look) {
  if (look.top == nullptr) return std::nullopt;
  stack.loaded.clear();
  stack.own_stores = false;
  const host::Viewpoint as = look.as.without_environment();
  return std::ranges::any_of(stacks::sources_of(stack, {as, look.reader, look.top}),
                             [](const facts::Source& source) { return source.holds_anchor.value_or(false); });
}

// The file of a directory that has the anchor above `top`; "" for none.
std::string file_of_anchor(const store::AnchorReader& stores, const std::string& directory, const x509::Certificate& top) {
  const host::Resolved end = host::resolve(stores.files(), directory);
  const auto names = stores.files().list(end.path);
  for (const std::string& name : names ? *names : std::vector<std::string>{})
    if (stores.bundle(directory + "/" + name).find(top) != nullptr) return name;
  return "";
}

// The library that a stack goes through: linked into the same file, or one that its file asks for. An interpreter has it below its
// module; that, and a stack that opens its library itself, is taken to have the first where nothing else is known.
const facts::Stack* base_below(const facts::Stack& stack, const Mapped& mapped, const std::vector<facts::Stack>& found) {
  const stacks::Stack* row = stacks::row_of(stack);
  if (row == nullptr || stack.base) return nullptr;
  std::string user = stack.path;
  for (const loader::Object& one : mapped.objects)
    if (!row->module.empty() && base::base_name(one.path).starts_with(row->module)) user = one.path;
  const facts::Stack* first = nullptr;
  for (const facts::Stack& other : found) {
    if (!other.base) continue;
    if (other.path == user || mapped.stands_on(user, other.path)) return &other;
    if (first == nullptr) first = &other;
  }
  return row->needs_base || row->opens_base ? first : nullptr;
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

store::AnchorReader& LiveStacks::stores(const facts::Snapshot& process) {
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

void LiveStacks::add(const std::shared_ptr<const facts::Snapshot>& process, const x509::Certificate* top, std::uint64_t filled, Analysis& out) {
  if (!process || !done_.insert(process.get()).second) return;
  if (ahead_.valid()) ahead_.get();
  Mapped mapped;
  std::vector<std::shared_ptr<const base::UniqueFd>> ssl;  // parallel to the objects; null for all but libssl
  for (const auto& each : process->objects) {
    const Object& one = object(*process, each);
    mapped.objects.push_back(one.loading);
    ssl.push_back(is_ssl_library(one.loading) ? one.fd : nullptr);
  }
  std::vector<facts::Stack> found;
  std::vector<LiveStack> alive;  // parallel
  for (const auto& each : process->objects) {
    const Object& one = object(*process, each);
    for (facts::Stack stack : one.stacks) {
      LiveStack live{process, {}};
      stack.pid = process->process.pid;
      stack.deleted = each.file.deleted;
      stack.why_loaded = loader::explain(*process->files, mapped.objects, each.file.path, process->process.trust_env, process->process.at_secure);
      if (stack.base && stack.linkage == "shared") {
        live.place.crypto = one.fd;
        for (std::size_t i = 0; i < ssl.size(); ++i)
          if (ssl[i] && (!live.place.ssl || mapped.stands_on(mapped.objects[i].path, stack.path))) live.place.ssl = ssl[i];
      }
      live.place.who = process->who;
      live.place.own_root = process->process.own_root;
      live.place.root = process->root;
      live.place.mount_namespace = process->mount_namespace;
      found.push_back(std::move(stack));
      alive.push_back(std::move(live));
    }
  }
  if (process->assumed) {
    found.push_back(*process->assumed);
    found.back().pid = process->process.pid;
    alive.push_back({process, {}});
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    facts::Stack& stack = found[i];
    const facts::Stack* library = base_below(stack, mapped, found);
    if (library != nullptr) stacks::stand_on(stack, *library);
    if (!stacks::speaks(stack) && !process->assumed) continue;
    const host::Viewpoint as = viewpoint_of(*process);
    const stacks::Look look{as, stores(*process), top};
    stacks::note_calls(stack, library != nullptr ? library->path : stack.path, out.facts.trust_calls, filled);
    for (facts::Loaded& one : stack.loaded) {
      const facts::NamedBy by = facts::named_by(process->process, one.path);
      one.variable = by.variable, one.option = by.option;
    }
    stacks::note_files(stack, out.facts.trust_calls, out.facts.lookups, process->process);
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

void LiveStacks::attribute(const std::shared_ptr<const facts::Snapshot>& process, facts::Handshake& handshake, Analysis& out) {
  if (!process) return;
  if (process->assumed) {
    const auto named = std::ranges::find(out.stacks, process, &LiveStack::process);
    if (named == out.stacks.end()) return;
    handshake.stack_index = named - out.stacks.begin();
    handshake.stack = process->assumed->name;
    return;
  }
  const auto [entry, fresh] = attributed_.try_emplace({process.get(), handshake.library});
  if (fresh) {
    Mapped mapped;
    for (const auto& one : process->objects) mapped.objects.push_back(object(*process, one).loading);
    for (std::size_t i = 0; i < out.stacks.size(); ++i)
      if (out.stacks[i].process == process) mapped.stacks.push_back(i);
    entry->second = diagnose::attribute(handshake, mapped, out.facts);
  }
  const auto [verifier, reader] = entry->second;
  handshake.stack_index = reader;
  if (reader < 0) return;
  const facts::Stack& library = out.facts.stacks[static_cast<std::size_t>(verifier < 0 ? reader : verifier)];
  if (verifier >= 0 || handshake.stack.empty()) handshake.stack = library.name + (library.version.empty() ? "" : " " + library.version);
  if (verifier < 0 || verifier == reader) return;
  // What it asks its library to do is tried in that library.
  out.facts.stacks[static_cast<std::size_t>(reader)].over = library.path;
  out.stacks[static_cast<std::size_t>(reader)].place = out.stacks[static_cast<std::size_t>(verifier)].place;
}

}  // namespace tlswhy::diagnose
