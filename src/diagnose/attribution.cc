#include "diagnose/attribution.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "stacks/stack.h"

namespace tlswhy::diagnose {
namespace {

class Search {
 public:
  Search(const facts::Handshake& handshake, const Mapped& mapped, const facts::Facts& facts) : shake_(handshake), mapped_(mapped), facts_(facts) {}

  // The stack of the file whose code verified, or those that stand on it.
  Attribution by_verifier() const {
    for (const std::size_t index : mapped_.stacks)
      if (base::printable(stack(index).path) == shake_.library && !is_runtime(stack(index))) return on_top_of(index);
    const auto users = having([&](const facts::Stack& one) { return !one.base && uses(one, shake_.library); });
    return users.size() == 1 ? Attribution{-1, number(users.front())} : Attribution{};
  }

  // The only library, the only one whose places (or whose user's places) were looked up, or that of a program with a model.
  Attribution by_places() const {
    const auto all = having([](const facts::Stack& one) { return !is_runtime(one); });
    const auto seen = having([&](const facts::Stack& one) { return !is_runtime(one) && was_read(one); });
    for (const auto& some : {all, seen})
      if (const auto found = libraries_of(some, all); found.size() == 1) return on_top_of(found.front());
    for (const std::size_t index : all)
      if (stack(index).path == program())
        return {libraries_of({index}, all).size() == 1 ? number(libraries_of({index}, all).front()) : -1, number(index)};
    return {};
  }

 private:
  static std::int64_t number(std::size_t index) { return static_cast<std::int64_t>(index); }
  [[nodiscard]] const facts::Stack& stack(std::size_t index) const { return facts_.stacks[index]; }
  [[nodiscard]] const std::string& program() const { return mapped_.objects.front().path; }

  // A runtime without places of its own, which stands for the library below it.
  static bool is_runtime(const facts::Stack& one) { return stacks::is_runtime(one); }

  template <typename Wanted>
  [[nodiscard]] std::vector<std::size_t> having(Wanted wanted) const {
    std::vector<std::size_t> out;
    std::ranges::copy_if(mapped_.stacks, std::back_inserter(out), [&](std::size_t index) { return wanted(stack(index)); });
    return out;
  }

  // Those of `all` that `some` are or go through, and that stand on none of `all` themselves; of several in one file the first.
  [[nodiscard]] std::vector<std::size_t> libraries_of(const std::vector<std::size_t>& some, const std::vector<std::size_t>& all) const {
    std::vector<std::size_t> out;
    for (const std::size_t index : all) {
      const std::string& path = stack(index).path;
      const auto at_path = [&](std::size_t other) { return stack(other).path == path; };
      const bool stands = std::ranges::any_of(all, [&](std::size_t other) { return !at_path(other) && uses(stack(index), stack(other).path); });
      const bool meant = std::ranges::any_of(some, [&](std::size_t other) { return at_path(other) || uses(stack(other), path); });
      if (!stands && meant && std::ranges::none_of(out, at_path)) out.push_back(index);
    }
    return out;
  }

  // True if the stack's code stands on the library, by what its file asks for, or by opening it as it needs it.
  [[nodiscard]] bool uses(const facts::Stack& one, const std::string& library) const {
    return mapped_.stands_on(one.path, library) || stacks::opens_its_library(one);
  }

  // Whether the process looked one of its places up, or loaded it.
  [[nodiscard]] bool was_read(const facts::Stack& one) const {
    const auto is_place = [&](const std::string& path) {
      return std::ranges::any_of(one.sources, [&](const facts::Source& source) {
        if (source.status == "ignored" || source.path.empty()) return false;
        return path == source.path || (source.what == "directory" && path.starts_with(source.path + "/"));
      });
    };
    const auto looked_up = [&](const facts::Lookup& lookup) { return lookup.pid == shake_.pid && is_place(lookup.path); };
    const auto loaded = [&](const facts::TrustCall& call) { return call.pid == shake_.pid && std::ranges::any_of(call.arguments, is_place); };
    return std::ranges::any_of(facts_.lookups, looked_up) || std::ranges::any_of(facts_.trust_calls, loaded);
  }

  // Whether nobody else asks for the library than this stack, what is below it and what is above it.
  [[nodiscard]] bool sole_user(const facts::Stack& one, const std::string& library) const {
    return std::ranges::all_of(mapped_.objects, [&](const loader::Object& object) {
      const bool part = object.path == library || object.path == one.path || base::base_name(object.path).starts_with("libssl");
      return part || !mapped_.stands_on(object.path, library) || mapped_.stands_on(one.path, object.path) || mapped_.stands_on(object.path, one.path);
    });
  }

  // How well a stack fits, the best first: the program itself, then what the program asks for, the topmost before what is below it.
  [[nodiscard]] std::tuple<int, int> rank(std::size_t index, const std::vector<std::size_t>& all) const {
    const facts::Stack& one = stack(index);
    const int near = one.path == program() ? 0 : mapped_.stands_on(program(), one.path) ? 1 : 2;
    const auto above = std::ranges::count_if(all, [&](std::size_t other) { return stack(other).path != one.path && uses(stack(other), one.path); });
    return {near, static_cast<int>(above) * 2 + (one.base ? 1 : 0)};
  }

  // The library at `index`, and the stack above it whose places count: one whose places were looked up before others, and then the
  // program's own; a module that was opened later only if nobody else uses the library.
  [[nodiscard]] Attribution on_top_of(std::size_t index) const {
    const facts::Stack& library = stack(index);
    auto all =
        having([&](const facts::Stack& one) { return !is_runtime(one) && (one.path == library.path || (!one.base && uses(one, library.path))); });
    const auto read = [&](std::size_t other) { return was_read(stack(other)); };
    if (std::ranges::any_of(all, read)) std::erase_if(all, [&](std::size_t other) { return !read(other); });
    const std::size_t top = *std::ranges::min_element(all, {}, [&](std::size_t other) { return rank(other, all); });
    const bool known = all.size() == 1 || std::get<0>(rank(top, all)) < 2 || sole_user(stack(top), library.path);
    return {number(index), number(known ? top : index)};
  }

  const facts::Handshake& shake_;
  const Mapped& mapped_;
  const facts::Facts& facts_;
};

}  // namespace

bool Mapped::stands_on(const std::string& path, const std::string& below) const {
  std::set<std::string> seen{path};
  std::vector<std::string> open{path};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    const auto at = std::ranges::find(objects, next, &loader::Object::path);
    if (at == objects.end()) continue;
    for (const loader::Object& other : objects) {
      const bool wanted = std::ranges::any_of(
          at->needed, [&](const std::string& name) { return name == other.soname || (other.soname.empty() && name == base::base_name(other.path)); });
      if (!wanted || !seen.insert(other.path).second) continue;
      if (other.path == below || base::printable(other.path) == below) return true;
      open.push_back(other.path);
    }
  }
  return false;
}

Attribution attribute(const facts::Handshake& handshake, const Mapped& mapped, const facts::Facts& facts) {
  if (mapped.objects.empty()) return {};
  Search search(handshake, mapped, facts);
  return handshake.library.empty() ? search.by_places() : search.by_verifier();
}

}  // namespace tlswhy::diagnose
