#include "rules/helpers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/reasons.h"

namespace tlswhy::rules {

std::vector<const facts::Source*> effective(const Case& one) {
  std::vector<const facts::Source*> out;
  for (const facts::Source& source : one.stack.sources)
    if (source.status != "ignored") out.push_back(&source);
  return out;
}

std::vector<const facts::Source*> with_status(const Case& one, std::string_view status) {
  auto out = effective(one);
  std::erase_if(out, [&](const facts::Source* source) { return source->status != status; });
  return out;
}

bool target_directory_gone(const facts::Source& source) {
  if (source.links.empty() || source.failed_at.empty()) return true;
  const std::string& last = source.links.back();
  const std::size_t arrow = last.find(" -> ");
  return arrow == std::string::npos || base::base_name(last.substr(arrow + 4)) != base::base_name(source.failed_at);
}

const facts::AnchorPlace* usable_place(const Case& one) {
  const bool judged = one.handshake != nullptr && one.handshake->anchor;
  const auto& places = judged ? one.handshake->anchor->places : one.facts.machine_stores;
  const auto usable = [&](const facts::AnchorPlace& place, bool directory) {
    return place.directory == directory && place.status == "ok" && place.anchors > 0 && (!judged || place.holds_anchor);
  };
  for (const bool directory : {false, true})
    for (const facts::AnchorPlace& place : places)
      if (usable(place, directory)) return &place;
  return nullptr;
}

bool reads_anchor(const Case& one) {
  return std::ranges::any_of(effective(one), [](const auto* source) { return source->holds_anchor.value_or(false); });
}

bool machine_has_store(const Case& one) {
  return std::ranges::any_of(one.facts.machine_stores, [](const auto& place) { return place.anchors > 0; });
}

namespace {

// An option comes before a line of a configuration file, which a variable does not.
const facts::Knob* knob_against_files(const Case& one, bool directory) {
  const bool file_says = std::ranges::any_of(effective(one), [](const auto* source) { return source->kind == "config"; });
  const auto option = std::ranges::find_if(
      one.stack.knobs, [&](const facts::Knob& knob) { return knob.kind == "option" && knob.holds == (directory ? "directory" : "file"); });
  return file_says && option != one.stack.knobs.end() ? &*option : one.stack.knob_for(directory);
}

}  // namespace

findings::Change use_store(const Case& one, const facts::AnchorPlace& place) {
  const facts::Knob* knob = knob_against_files(one, place.directory);
  if (knob == nullptr) return {};
  if (knob->kind == "variable") return findings::set_variable(knob->name, place.path);
  if (knob->kind == "option") return {{{findings::EditKind::kSetOption, knob->name, place.path}}};
  return {};
}

findings::Change use_store_for(const Case& one, const facts::Source& bad) {
  const facts::AnchorPlace* place = usable_place(one);
  const bool file_needed = one.stack.refusal.contains(bad.path) && bad.what == "file";
  return place == nullptr || (file_needed && place->directory) ? findings::Change{} : use_store(one, *place);
}

namespace {

// Whose issuer `at` names, of those that were sent; null: none.
const facts::Certificate* issuer_of(const facts::Certificate& at, const std::vector<facts::Certificate>& chain) {
  if (at.subject == at.issuer) return nullptr;
  const auto issuer = std::ranges::find_if(chain, [&](const auto& each) { return &each != &at && each.subject == at.issuer; });
  return issuer == chain.end() ? nullptr : &*issuer;
}

}  // namespace

bool reads_machine_store(const Case& one) {
  const auto is_machines = [&](const facts::Source* source) {
    // Debian's tool makes Java's keystore as well (ca-certificates-java).
    const bool made = source->what == "keystore" && std::ranges::any_of(source->links, [](const auto& link) { return link.contains("/etc/"); });
    return made || std::ranges::find(one.facts.machine_stores, source->path, &facts::AnchorPlace::path) != one.facts.machine_stores.end();
  };
  return std::ranges::any_of(effective(one), is_machines);
}

findings::Change leave_out(const std::vector<const facts::Source*>& sources) {
  findings::Change out;
  for (const facts::Source* source : sources) {
    const std::string by = source->detail.substr(0, source->detail.find(';'));
    findings::Edit edit{findings::EditKind::kUnsetVariable, source->variable, ""};
    if (source->kind != "env") edit = {findings::EditKind::kUnsetOption, by, ""};
    const bool leaves = source->kind == "env" || (source->kind == "config" && by.starts_with("--"));
    if (leaves && std::ranges::find(out.edits, edit) == out.edits.end()) out.edits.push_back(std::move(edit));
  }
  return out;
}

const facts::Certificate* top_of(const facts::Handshake& handshake) {
  const facts::Certificate* at = nullptr;
  for (std::size_t depth = 0; depth < handshake.chain.size(); ++depth) {
    const facts::Certificate* next = depth == 0 ? &handshake.chain.front() : issuer_of(*at, handshake.chain);
    if (next == nullptr) break;
    at = next;
  }
  return at;
}

const facts::Certificate* certificate_at(const facts::Handshake& handshake, int depth) {
  const facts::Certificate* at = handshake.chain.empty() ? nullptr : &handshake.chain.front();
  for (int step = 0; at != nullptr && step < depth && step < static_cast<int>(handshake.chain.size()); ++step) at = issuer_of(*at, handshake.chain);
  return at;
}

findings::Change with_top_as_anchor(const facts::Handshake& handshake) {
  const facts::Certificate* top = top_of(handshake);
  if (top == nullptr) return {};
  return {{{findings::EditKind::kAddAnchor, top->subject, top->der}}};
}

bool left_out_issuer(const facts::Handshake& handshake) {
  if (handshake.chain.size() != 1 || handshake.chain.front().self_issued) return false;
  return !handshake.chain.front().aia.empty() || (handshake.anchor && !handshake.anchor->related.empty());
}

findings::Evidence about_verdict(const Case& one) {
  const facts::Verify& verify = *one.handshake->verify;
  const char* who = verify.seen_by == "process"   ? "the client's library said: "
                    : verify.seen_by == "library" ? "its library, asked again, says: "
                    : one.stack.name.empty()      ? "judged by the chain alone: "
                                                  : "the model of this stack says: ";
  return {who + (verify.text.empty() ? std::string("accepted") : verify.text), one.stack.path, "", verify.seen_by};
}

findings::Evidence built_for(const facts::Stack& stack) {
  const std::string how = stack.build.read_by == "accessor" ? "read from the code of X509_get_default_cert_file and _dir" : "read from its text";
  std::string text = fmt::format("{} {}, {}, built for OPENSSLDIR {} ({})", stack.name, stack.version, stack.linkage, stack.build.openssldir, how);
  if (stack.deleted) text += "; its file is gone, the process still maps it";
  return {std::move(text), stack.path, "", "elf"};
}

namespace {

// What the process itself met at this place, if the trace shows it: "openat ENOENT".
const facts::Lookup* looked_up(const Case& one, const facts::Source& source) {
  const bool directory = source.what == "directory";
  const auto hit = std::ranges::find_if(one.facts.lookups, [&](const facts::Lookup& lookup) {
    return lookup.pid == one.process.pid && (lookup.path == source.path || (directory && lookup.path.starts_with(source.path + "/")));
  });
  return hit == one.facts.lookups.end() ? nullptr : &*hit;
}

}  // namespace

findings::Evidence about(const Case& one, const facts::Source& source) {
  std::string text = fmt::format("{} {}: {}", source.variable.empty() ? source.kind : "from " + source.variable, source.what, source.status);
  if (source.status == "ok")
    text += fmt::format(", {} anchor{}{}", source.anchors, source.anchors == 1 ? "" : "s",
                        source.holds_anchor.value_or(true) ? "" : ", not the one needed");
  if (!source.detail.empty()) text += ", " + source.detail;
  if (!source.failed_at.empty() && source.failed_at != source.path) text += ", for want of " + source.failed_at;
  if (!source.links.empty()) text += ", through " + base::join(source.links, ", ");
  const facts::Lookup* seen = looked_up(one, source);
  if (seen == nullptr) return {std::move(text), source.path, source.error, "model"};
  const std::string name = seen->path == source.path ? "" : " of " + std::string(base::base_name(seen->path));
  text += fmt::format("; the process's own {}{} gave {}", seen->call, name, seen->error.empty() ? "success" : seen->error);
  return {std::move(text), source.path, source.error, "trace"};
}

findings::Evidence about_anchor(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->anchor) return {"no chain was seen: which anchor is needed is not known", "", "", "wire"};
  const facts::AnchorNeed& need = *one.handshake->anchor;
  std::vector<std::string> holders;
  for (const auto& place : need.places)
    if (place.holds_anchor) holders.push_back(place.path);
  const std::string where = holders.empty() ? "no store of this machine holds it" : "on this machine it is in " + base::join(holders, ", ");
  return {fmt::format("the chain needs the anchor {}; {}", need.subject, where), holders.empty() ? "" : holders.front(), "",
          one.handshake->chain_from};
}

void add_common(const Case& one, std::vector<findings::Evidence>& out) {
  for (const facts::Source* source : effective(one)) out.push_back(about(one, *source));
  // A stack with places of its own may stand on an OpenSSL whose places it never asks.
  if (one.stack.base && !one.stack.build.openssldir.empty()) out.push_back(built_for(one.stack));
  if (one.handshake != nullptr) out.push_back(about_anchor(one));
}

const facts::HelloProbe* probe_of(const facts::Handshake& handshake, std::string_view changed) {
  const auto hit = std::ranges::find_if(handshake.hello_probes, [&](const facts::HelloProbe& one) { return one.changed.starts_with(changed); });
  return hit == handshake.hello_probes.end() ? nullptr : &*hit;
}

findings::Proof proof_by(const facts::HelloProbe& probe, std::string before) {
  findings::Proof out{"", probe.changed, {"as it was", false, 0, std::move(before), 0}, {}, probe.answered, "", findings::Means::kHandshake};
  out.after = {probe.changed, probe.answered, 0, probe.answer, 0};
  return out;
}

std::string peer_name(const facts::Handshake& handshake) {
  return handshake.servername.empty() ? handshake.peer : fmt::format("{} ({})", handshake.servername, handshake.peer);
}

std::string who(const facts::Process& process) {
  if (process.pid == 0 && !process.exe.empty()) return std::string(base::base_name(process.exe));  // a file that was scanned
  return fmt::format("{} (pid {})", process.exe.empty() ? "the process" : base::base_name(process.exe), process.pid);
}

}  // namespace tlswhy::rules
