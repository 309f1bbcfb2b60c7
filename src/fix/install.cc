// Gives an anchor that lies on this machine to the distribution's own tool, or has that make a store again.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "fix/remedies.h"
#include "store/source_folders.h"

namespace tlswhy::fix {
namespace {

using findings::EditKind;

const facts::NearAnchor* uninstalled(const findings::Finding& finding, const facts::Facts& facts) {
  if (finding.handshakes.empty()) return nullptr;
  const auto& need = facts.handshakes[static_cast<std::size_t>(finding.handshakes.front())].anchor;
  const findings::Edit* edit = finding.change.find(EditKind::kAddAnchor);
  if (!need || edit == nullptr) return nullptr;
  const auto hit = std::ranges::find(need->uninstalled, edit->value, [](const auto& near) { return near.certificate.der; });
  return hit == need->uninstalled.end() ? nullptr : &*hit;
}

// "/usr/local/share/ca-certificates/company.crt" for /root/company.pem.
std::string drop_in_for(const std::string& path, const std::string& drop_in) {
  std::string stem(base::base_name(path));
  for (const char* ending : {".pem", ".crt", ".cer", ".der"})
    if (stem.ends_with(ending)) stem.resize(stem.size() - 4);
  std::string out = drop_in;
  if (const std::size_t at = out.find("NAME"); at != std::string::npos) out.replace(at, 4, stem);
  return out;
}

// Debian's list names files below this folder.
constexpr std::string_view kListed = "/usr/share/ca-certificates/", kList = "/etc/ca-certificates.conf";

// Without a letter that sed or the list would take for something else.
bool is_plain(std::string_view name) {
  return std::ranges::all_of(name,
                             [](unsigned char each) { return std::isalnum(each) != 0 || each == '/' || each == '_' || each == '-' || each == '.'; });
}

// What comes before the tool; "" for nothing.
std::string step_before(const facts::NearAnchor& near, const facts::Distribution& distribution) {
  using enum store::NotTaken;
  const std::string path = base::shell_quote(near.path), target = drop_in_for(near.path, distribution.drop_in);
  const store::NotTaken why = store::not_taken_of(near.why);
  const std::string listed = near.path.starts_with(kListed) ? near.path.substr(kListed.size()) : "";
  if (why == kNotRun) return "";
  if (why == kDeselected && is_plain(listed)) return fmt::format("sed -i 's|^!{0}$|{0}|' {1}", listed, kList);
  if (why == kNotListed && is_plain(listed)) return fmt::format("echo {} >> {}", listed, kList);
  if (why != kDer) return fmt::format("openssl x509 -in {} -out {}", path, base::shell_quote(target));
  if (target == near.path) return fmt::format("openssl x509 -inform DER -in {0} -out {0}.new && mv {0}.new {0}", path);
  return fmt::format("openssl x509 -inform DER -in {} -out {}", path, base::shell_quote(target));
}

std::optional<Offer> offer(const findings::Finding& finding, const facts::Facts& facts) {
  if (!facts.distribution || facts.distribution->command.empty()) return std::nullopt;
  const std::string& tool = facts.distribution->command;
  if (const facts::NearAnchor* near = uninstalled(finding, facts)) {
    const std::string before = step_before(*near, *facts.distribution);
    return Offer{"Install the anchor with the distribution's own tool", finding.change, before.empty() ? tool : before + " && " + tool};
  }
  return std::nullopt;
}

}  // namespace

const Remedy kInstall{"install", "give an anchor to the distribution's own tool", offer};

}  // namespace tlswhy::fix
