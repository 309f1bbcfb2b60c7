#include "lab/scenario.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::Result;

namespace {

std::string text(const toml::table& table, std::string_view key) { return table[key].value_or(std::string()); }

std::vector<std::string> texts(const toml::node_view<const toml::node>& node) {
  std::vector<std::string> out;
  if (const toml::array* list = node.as_array())
    for (const toml::node& one : *list) out.push_back(one.value_or(std::string()));
  return out;
}

std::map<std::string, std::string> pairs(const toml::node_view<const toml::node>& node) {
  std::map<std::string, std::string> out;
  if (const toml::table* table = node.as_table())
    for (const auto& [key, value] : *table) out.emplace(key.str(), value.value_or(std::string()));
  return out;
}

Placed read_placed(const toml::table& in) {
  return {text(in, "path"), text(in, "content"), text(in, "link"), in["directory"].value_or(false), static_cast<unsigned>(in["mode"].value_or(0)),
          text(in, "owner")};
}

Expected read_expected(const toml::node_view<const toml::node>& node) {
  static const toml::table nothing;
  const toml::table& in = node.is_table() ? *node.as_table() : nothing;
  return {in["exit"].value<int>(), text(in, "outcome"), text(in, "code"),      text(in, "class"),
          text(in, "certainty"),   text(in, "fix"),     texts(in["evidence"]), text(in, "alert"),
          text(in, "changed"),     texts(in["absent"]), text(in, "stack"),     in["fix_works"].value_or(false)};
}

// A misspelt key would silently test nothing.
Result<void> check_keys(const toml::table& in, const std::string& path) {
  static const std::set<std::string_view> known{"title",   "openssl",  "tls",  "peer",    "anchor", "needs_root", "needs",  "remove", "place",
                                                "prepare", "programs", "argv", "options", "env",    "user",       "expect", "step"};
  static const std::set<std::string_view> expect{"exit",     "outcome", "code",    "class",  "certainty", "fix",
                                                 "evidence", "alert",   "changed", "absent", "stack",     "fix_works"};
  for (const auto& [key, value] : in)
    if (!known.contains(key.str())) return fail(Code::kMalformed, fmt::format("unknown key '{}'", key.str()), path);
  if (const toml::table* table = in["expect"].as_table())
    for (const auto& [key, value] : *table)
      if (!expect.contains(key.str())) return fail(Code::kMalformed, fmt::format("unknown key 'expect.{}'", key.str()), path);
  if (const std::string peer = text(in, "peer"); find_peer(peer) == nullptr)
    return fail(Code::kMalformed, fmt::format("no peer '{}' in lab/peer.cc", peer), path);
  for (const std::string& program : texts(in["programs"]))
    if (find_program(program) == nullptr) return fail(Code::kMalformed, fmt::format("no program '{}' in lab/program.cc", program), path);
  return {};
}

Scenario from_table(const toml::table& in, const std::string& name) {
  Scenario out;
  out.name = name;
  out.title = text(in, "title");
  if (const auto tls = texts(in["tls"]); !tls.empty()) out.tls = tls;
  out.peer = find_peer(text(in, "peer"));
  out.anchor_in_system = in["anchor"].value_or(std::string(out.peer->in_store ? "system" : "none")) == "system";
  out.openssl = text(in, "openssl");
  out.needs_root = in["needs_root"].value_or(false);
  out.needs = texts(in["needs"]);
  out.remove = texts(in["remove"]);
  if (const toml::array* list = in["place"].as_array())
    for (const toml::node& one : *list)
      if (one.is_table()) out.placed.push_back(read_placed(*one.as_table()));
  if (const toml::array* list = in["prepare"].as_array())
    for (const toml::node& one : *list) out.prepare.push_back(texts(toml::node_view<const toml::node>(&one)));
  for (const std::string& program : texts(in["programs"])) out.programs.push_back(find_program(program));
  out.argv = texts(in["argv"]);
  out.options = texts(in["options"]);
  out.env = pairs(in["env"]);
  out.user = text(in, "user");
  out.expected = read_expected(in["expect"]);
  if (const toml::array* list = in["step"].as_array())
    for (const toml::node& one : *list)
      if (const toml::table* step = one.as_table()) out.steps.push_back({text(*step, "say"), texts((*step)["argv"]), pairs((*step)["env"])});
  return out;
}

}  // namespace

Scenario with_program(Scenario scenario, const Program* program) {
  if (program == nullptr) return scenario;
  scenario.argv = program->argv;
  scenario.env.insert(program->env.begin(), program->env.end());
  if (!program->argv.front().starts_with("{bundle}")) scenario.needs.push_back(program->argv.front());  // that is made in the world
  if (!program->needs.empty()) scenario.needs.push_back(program->needs);
  if (scenario.anchor_in_system) {
    scenario.env.insert(program->anchor_env.begin(), program->anchor_env.end());
    if (!program->anchor_command.empty()) scenario.prepare.push_back(program->anchor_command);
  }
  if (!scenario.expected.exit && scenario.expected.outcome == "failed") scenario.expected.exit = program->refusal;
  return scenario;
}

Result<Scenario> read_scenario(const std::string& path) {
  // The library throws on bad input; this is the border where that ends.
  try {
    const toml::table in = toml::parse_file(path);
    TRY_VOID(check_keys(in, path));
    return from_table(in, std::filesystem::path(path).stem().string());
  } catch (const toml::parse_error& error) {
    return fail(Code::kMalformed, std::string(error.description()),
                fmt::format("{}:{}:{}", path, error.source().begin.line, error.source().begin.column));
  }
}

std::vector<std::string> list_scenarios(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".toml") out.push_back(entry.path().stem().string());
  std::ranges::sort(out);
  return out;
}

}  // namespace lab
