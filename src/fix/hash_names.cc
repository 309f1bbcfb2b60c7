#include "fix/hash_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "store/anchor_reader.h"

namespace tlswhy::fix {
namespace {

constexpr std::array<std::string_view, 4> kEndings{".pem", ".crt", ".cer", ".crl"};

bool is_candidate(const std::string& name) {
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

base::Result<std::vector<HashName>> missing_hash_names(const host::Files& files, const std::string& folder) {
  TRY(names, files.list(folder));
  store::AnchorReader reader(files);
  std::map<std::string, std::string> there;  // links of the form
  std::set<std::string> taken;               // files of the form
  for (const std::string& name : names) {
    if (!base::is_hash_name(name)) continue;
    const auto stat = files.lstat(folder + "/" + name);
    if (stat && stat->kind == host::Kind::kLink)
      there[name] = stat->target;
    else
      taken.insert(name);
  }
  std::map<std::string, std::string> wanted;
  std::set<std::pair<std::string, std::string>> done;  // hash and digest: the same certificate in two files needs one name
  const auto want = [&](const std::string& hash, const x509::Certificate& certificate, const std::string& name) {
    if (!done.emplace(hash, certificate.sha256()).second) return;
    int number = 0;
    const auto next = [&] { return fmt::format("{}.{}", hash, number); };
    while (taken.contains(next()) || wanted.contains(next())) ++number;
    wanted[next()] = name;
  };
  for (const bool old : {false, true})
    for (const std::string& name : names) {
      if (!is_candidate(name)) continue;
      for (const x509::Certificate& one : reader.bundle(folder + "/" + name).anchors)
        want(old ? one.subject_hash_old() : one.subject_hash(), one, name);
    }
  std::vector<HashName> out;
  for (const auto& [name, target] : wanted)
    if (const auto now = there.find(name); now == there.end() || now->second != target) out.push_back({name, target});
  for (const auto& [name, target] : there)
    if (!wanted.contains(name)) out.push_back({name, ""});
  return out;
}

}  // namespace tlswhy::fix
