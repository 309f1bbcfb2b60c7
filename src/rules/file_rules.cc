#include "rules/file_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "rules/helpers.h"
#include "rules/rules.h"

namespace tlswhy::rules {
namespace {

// Those that a set-up alone can be judged by, in the order of the catalogue.
bool is_about_files(const Rule& rule) {
  static constexpr std::array kRules{&kTw101CompiledPathMismatch,   &kTw102BundlePathRetired,     &kTw103NoCaStore,
                                     &kTw104DanglingSymlinkOrMount, &kTw105UnhashedOrStaleCapath, &kTw106PermissionOrConfinement,
                                     &kTw201EnvOverrideBad,         &kTw204JavaKeystore,          &kTw301MalformedBundle};
  return std::ranges::find(kRules, &rule) != kRules.end();
}

// An anchor from anywhere, or a list that was not counted, and whether it holds what a peer needs can't be told.
bool finds_something(const facts::Stack& stack) {
  return std::ranges::any_of(stack.sources, [](const facts::Source& source) {
    return source.status != "ignored" && (source.anchors > 0 || source.kind == "bundled" || source.what == "list");
  });
}

// What makes two findings one: the cause, and the places that it is about.
std::string key_of(const findings::Finding& finding, const facts::ScannedFile& file, const facts::Stack& stack) {
  std::string out = finding.code + "\n" + file.container + "\n";
  if (finding.code == kTw103NoCaStore.code) return out;
  for (const facts::Source& source : stack.sources) out += source.path + "\n";
  return out + stack.name;
}

findings::Finding finding_of(const Rule& rule, Fires fires) {
  findings::Finding out;
  out.code = rule.code;
  out.name = rule.name;
  out.title = std::move(fires.title);
  out.certainty = "suspected";
  out.evidence = std::move(fires.evidence);
  out.change = std::move(fires.change);
  return out;
}

findings::Evidence role_of(const facts::Stack& stack, const facts::ScannedFile& file) {
  if (!stack.asked_by.empty()) return {fmt::format("{} asks for the default places of {}", stack.asked_by, stack.path), stack.asked_by, "", "elf"};
  if (stack.path == file.path) return {fmt::format("it is in the file itself: {}", stack.linkage), stack.path, "", "elf"};
  return {stack.why_loaded, stack.path, "", "elf"};
}

}  // namespace

void judge_files(findings::Report& report, std::size_t first, const facts::Facts& around, const facts::Process& process) {
  std::map<std::string, std::size_t> known;  // by key: the index of the finding
  const facts::Facts& facts = report.facts;
  for (std::size_t i = first; i < facts.files.size(); ++i) {
    const facts::ScannedFile& file = facts.files[i];
    for (const std::int64_t index : file.decides) {
      const facts::Stack& stack = facts.stacks[static_cast<std::size_t>(index)];
      if (finds_something(stack) && stack.refusal.empty()) continue;
      facts::Process would_be = process;
      would_be.exe = file.path;
      const Case one{around, stack, would_be};
      for (const Rule* rule : catalogue()) {
        if (!is_about_files(*rule)) continue;
        auto outcome = rule->judge(one);
        if (!std::holds_alternative<Fires>(outcome)) continue;
        findings::Finding finding = finding_of(*rule, std::get<Fires>(std::move(outcome)));
        finding.evidence.insert(finding.evidence.begin(), role_of(stack, file));
        const auto [at, added] = known.try_emplace(key_of(finding, file, stack), report.findings.size());
        if (added) report.findings.push_back(std::move(finding));
        auto& files = report.findings[at->second].files;
        if (std::ranges::find(files, file.path) == files.end()) files.push_back(file.path);
        break;
      }
    }
  }
  for (const auto& [key, at] : known)
    if (const std::size_t more = report.findings[at].files.size() - 1; more > 0)
      report.findings[at].title += fmt::format("; so do{} {} other file{}", more == 1 ? "es" : "", more, more == 1 ? "" : "s");
}

}  // namespace tlswhy::rules
