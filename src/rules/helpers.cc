#include "rules/helpers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tlswhy::rules {

bool wants_anchor(const Case& one) {
  if (one.handshake == nullptr) return true;
  // x509_vfy.h: 2 unable to get issuer, 18 and 19 self-signed, 20 unable to get local issuer, 21 first certificate.
  constexpr std::array kCodes{2, 18, 19, 20, 21};
  if (one.handshake->verify) return std::ranges::find(kCodes, one.handshake->verify->code) != kCodes.end();
  const auto& alert = one.handshake->alert;
  return alert && alert->sender == "client" && (alert->encrypted || alert->code == 48);
}

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

bool machine_has_store(const Case& one) {
  return std::ranges::any_of(one.facts.machine_stores, [](const auto& place) { return place.anchors > 0; });
}

facts::Change use_store(const facts::AnchorPlace& place) {
  facts::Change out;
  out.set[place.directory ? "SSL_CERT_DIR" : "SSL_CERT_FILE"] = place.path;
  return out;
}

facts::Finding start_finding(std::string_view code, std::string_view name, const Case& one, std::string title) {
  facts::Finding out;
  out.code = code;
  out.name = name;
  out.title = std::move(title);
  out.certainty = "suspected";
  out.pid = one.process.pid;
  return out;
}

facts::Evidence built_for(const facts::Stack& stack) {
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

facts::Evidence about(const Case& one, const facts::Source& source) {
  std::string text = fmt::format("{} {}: {}", source.variable.empty() ? source.kind : "from " + source.variable, source.what, source.status);
  if (source.status == "ok") text += fmt::format(", {} anchors{}", source.anchors, source.holds_anchor.value_or(true) ? "" : ", not the one needed");
  if (!source.detail.empty()) text += ", " + source.detail;
  if (!source.failed_at.empty() && source.failed_at != source.path) text += ", for want of " + source.failed_at;
  if (!source.links.empty()) text += ", through " + base::join(source.links, ", ");
  const facts::Lookup* seen = looked_up(one, source);
  if (seen == nullptr) return {std::move(text), source.path, source.error, "model"};
  const std::string name = seen->path == source.path ? "" : " of " + std::string(base::base_name(seen->path));
  text += fmt::format("; the process's own {}{} gave {}", seen->call, name, seen->error.empty() ? "success" : seen->error);
  return {std::move(text), source.path, source.error, "trace"};
}

facts::Evidence about_anchor(const Case& one) {
  if (one.handshake == nullptr || !one.handshake->anchor) return {"no chain was seen: which anchor is needed is not known", "", "", "wire"};
  const facts::AnchorNeed& need = *one.handshake->anchor;
  std::vector<std::string> holders;
  for (const auto& place : need.places)
    if (place.holds_anchor) holders.push_back(place.path);
  const std::string where = holders.empty() ? "no store of this machine holds it" : "on this machine it is in " + base::join(holders, ", ");
  return {fmt::format("the chain needs the anchor {}; {}", need.subject, where), holders.empty() ? "" : holders.front(), "",
          one.handshake->chain_from};
}

std::string who(const facts::Process& process) {
  return fmt::format("{} (pid {})", process.exe.empty() ? "the process" : base::base_name(process.exe), process.pid);
}

}  // namespace tlswhy::rules
