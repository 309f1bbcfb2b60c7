#include <algorithm>

#include "stacks/stack.h"

namespace tlswhy::stacks {
namespace {

const char* kind_word(KnobKind kind) {
  switch (kind) {
    case KnobKind::kVariable: return "variable";
    case KnobKind::kOption: return "option";
    case KnobKind::kProperty: return "property";
  }
  return "";
}

const char* holds_word(Holds holds) {
  switch (holds) {
    case Holds::kFile: return "file";
    case Holds::kDirectory: return "directory";
    case Holds::kEither: return "either";
    case Holds::kFlag: return "flag";
    case Holds::kPin: return "pin";
  }
  return "";
}

// A stack with places of its own loads them by the same calls as a program that chooses others.
void forget_what_its_model_tells(facts::Stack& stack, const Look& look) {
  facts::Stack plain = stack;
  plain.loaded.clear();
  plain.own_stores = false;
  const auto modelled = sources_of(plain, look);
  const bool told = std::ranges::all_of(stack.loaded, [&](const facts::Loaded& loaded) {
    return std::ranges::any_of(modelled, [&](const facts::Source& source) {
      return source.status != "ignored" && source.path == loaded.path && source.what == loaded.what;
    });
  });
  if (told) stack = std::move(plain);
}

}  // namespace

void share_places(std::span<facts::Stack> all) {
  for (facts::Stack& stack : all) {
    const Stack* row = row_of(stack);
    if (row == nullptr || row->own_places || row->stands_on.empty()) continue;
    const auto of = std::ranges::find_if(all, [&](const facts::Stack& one) {
      return one.pid == stack.pid && one.model.starts_with(row->stands_on) && (one.places_by == "text" || one.places_by == "unknown");
    });
    if (of == all.end()) continue;
    stack.places_by = of->places_by;
    stack.compiled_file = of->compiled_file;
    stack.compiled_directory = of->compiled_directory;
  }
}

void settle(std::vector<facts::Stack>& all) {
  share_places(all);
  const auto base = std::ranges::find(all, true, &facts::Stack::base);
  if (base == all.end()) return;
  const facts::Stack library = *base;
  for (facts::Stack& stack : all)
    if (!stack.base) stand_on(stack, library);
}

void stand_on(facts::Stack& stack, const facts::Stack& library) {
  stack.build = library.build;  // what it may ask below it
  const Stack* row = row_of(stack);
  if (row != nullptr && row->asks_base) stack.places_by = library.places_by;
  if (is_runtime(stack)) stack.over = library.path;
}

bool is_runtime(const facts::Stack& stack) {
  const Stack* row = row_of(stack);
  return row != nullptr && row->needs_base;
}

bool opens_its_library(const facts::Stack& stack) {
  const Stack* row = row_of(stack);
  return row != nullptr && row->opens_base;
}

bool has_model(const facts::Stack& stack) {
  const Stack* row = row_of(stack);
  return row != nullptr && row->trust != nullptr && stack.places_by != "unknown";
}

bool speaks(const facts::Stack& stack) {
  const Stack* row = row_of(stack);
  return row != nullptr && (!row->needs_base || !stack.over.empty());
}

facts::Stack named(const Spec& spec) {
  const Stack* row = find_stack(spec.name);
  facts::Stack out;
  out.name = row->title;
  out.model = row->id;
  out.version = spec.version;
  out.linkage = "unknown";
  out.build.version = spec.openssl;
  if (spec.own_directory) out.build.openssldir = spec.openssldir;
  return out;
}

facts::Knob fact_of(const Knob& knob) {
  return {std::string(knob.name), kind_word(knob.kind), holds_word(knob.holds), knob.adds, knob.empty_counts, knob.silenced, std::string(knob.with)};
}

std::vector<facts::Source> sources_of(const facts::Stack& stack, const Look& look) {
  return trust_of(spec_of(stack, look.as.files), look.as, look.reader).source_facts(look.top);
}

void describe(facts::Stack& stack, const Look& look) {
  const Stack* row = row_of(stack);
  if (row == nullptr) return;
  if (!stack.base && !row->needs_base) forget_what_its_model_tells(stack, look);
  // Nothing shows that its code looks anywhere by itself.
  if (stack.places_by == "unknown") return;
  const Trust trust = trust_of(spec_of(stack, look.as.files), look.as, look.reader);
  stack.sources = trust.source_facts(look.top);
  stack.refusal = trust.refusal;
  stack.knobs.clear();
  for (const Knob& knob : row->knobs)
    if (knob.kind != KnobKind::kVariable || !knob.name.contains('=')) stack.knobs.push_back(fact_of(knob));
  // What steers the library's defaults does not steer a program that loads others.
  if (!stack.own_stores) return;
  std::erase_if(stack.knobs, [](const facts::Knob& knob) { return knob.kind == "variable"; });
  std::ranges::move(knobs_of_package(stack, look), std::back_inserter(stack.knobs));
}

}  // namespace tlswhy::stacks
