#include "fix/anchor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "fix/foreign_store.h"
#include "store/anchor_reader.h"
#include "store/distributions.h"

namespace tlswhy::fix {

using base::Code;
using base::fail;
using base::Result;

namespace {

// Debian's list names files below this folder.
constexpr std::string_view kListed = "/usr/share/ca-certificates/";
constexpr const char* kList = "/etc/ca-certificates.conf";

// Letters that no tool takes for something else.
std::string plain(std::string_view name) {
  std::string out(name);
  for (char& each : out)
    if (std::isalnum(static_cast<unsigned char>(each)) == 0 && each != '_' && each != '-' && each != '.') each = '_';
  return out.empty() ? "anchor" : out;
}

std::string stem_of(const std::string& path) {
  std::string stem(base::base_name(path));
  for (const char* ending : {".pem", ".crt", ".cer", ".der"})
    if (stem.ends_with(ending)) stem.resize(stem.size() - 4);
  return plain(stem);
}

bool holds(const Root& root, const std::string& path, const x509::Certificate& certificate) {
  const auto found = certificate_in(root, path);
  return found && found->der() == certificate.der();
}

// "" for a row without a place for files.
std::string drop_in_folder(const store::Distribution& row) {
  return row.drop_in.ends_with("/NAME.crt") || row.drop_in.ends_with("/NAME.pem") ? base::dir_name(std::string(row.drop_in)) : "";
}

// The name in that folder: one that holds it already, else one that is free.
std::string drop_in_for(const Root& root, const store::Distribution& row, const AnchorRequest& request, const x509::Certificate& certificate) {
  const std::string folder = drop_in_folder(row), ending(row.drop_in.substr(row.drop_in.size() - 4)), stem = stem_of(request.file);
  for (int number = 1;; ++number) {
    std::string path = fmt::format("{}/{}{}{}", folder, stem, number == 1 ? "" : fmt::format("-{}", number), ending);
    const auto there = root.files().lstat(path);
    // What the user names himself is written anew as the tool wants it.
    if (!there || path == request.file || holds(root, path, certificate)) return path;
  }
}

// It lies where the tool looks, in a form that the tool takes: only the tool was not run.
bool is_taken_as_it_is(const Root& root, const store::Distribution& row, const AnchorRequest& request, const x509::Certificate& certificate) {
  const store::AnchorReader reader(root.files());
  const bool here = request.file.starts_with(drop_in_folder(row) + "/") && request.file.ends_with(row.drop_in.substr(row.drop_in.size() - 4));
  return here && holds(root, request.file, certificate) && !reader.bundle(request.file).anchors.empty();
}

// A line of Debian's list names it, and does not begin with "!".
Result<void> select_listed(const Root& root, const std::string& listed, Plan& plan) {
  TRY(now, state_at(root, kList));
  if (now.kind != Kind::kFile) now = file_state("");
  std::vector<std::string> lines = base::split(now.content, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  const auto deselected = std::ranges::find(lines, "!" + listed);
  if (deselected != lines.end())
    *deselected = listed;
  else if (std::ranges::find(lines, listed) == lines.end())
    lines.push_back(listed);
  now.content = base::join(lines, "\n") + "\n";
  now.modified = -1;
  return plan.want(root, kList, std::move(now));
}

// Where the tool writes: /etc/ssl/certs and whatever its hooks fill (java/cacerts), or the folder of what was extracted.
std::vector<std::string> watched_by(const store::Distribution& row) {
  std::vector<std::string> out;
  for (const char* folder : {"/etc/ssl/certs", "/etc/pki/ca-trust/extracted", "/etc/ca-certificates/extracted", "/var/lib/ca-certificates"})
    if (row.bundle.starts_with(folder) || row.directory.starts_with(folder)) out.emplace_back(folder);
  return out;
}

// In another root its tool is not run: what it would make of the drop-in is appended to the bundle.
Result<void> append_to_bundle(const Root& root, const store::Distribution& row, const x509::Certificate& certificate, Plan& plan) {
  plan.notes.push_back(fmt::format("{} of that system was not run; it makes the same of the file when it is", row.command));
  const host::Resolved end = host::resolve(root.files(), std::string(row.bundle), {}, false);
  if (end.error != 0) return {};
  return plan_foreign_store(root, end.path, certificate, {}, plan);
}

// The files of the drop-in folder that hold the certificate go.
Result<void> take_out(const Root& root, const store::Distribution& row, const x509::Certificate& certificate, Plan& plan) {
  const std::string folder = drop_in_folder(row);
  const auto names = root.files().list(folder);
  for (const std::string& name : names ? *names : std::vector<std::string>{})
    if (name.ends_with(row.drop_in.substr(row.drop_in.size() - 4)) && holds(root, folder + "/" + name, certificate))
      TRY_VOID(plan.want(root, folder + "/" + name, State{}));
  if (plan.wanted.empty()) return fail(Code::kNotFound, "no file with this certificate is in the folder for local anchors", folder);
  return {};
}

Result<void> plan_system(const Root& root, const AnchorRequest& request, const x509::Certificate& certificate, Plan& plan) {
  const store::Distribution* row = store::distribution_of(root.files());
  if (row == nullptr) return fail(Code::kUnsupported, "this distribution is not known, nor where it takes local anchors (--store names a store)");
  if (drop_in_folder(*row).empty())
    return fail(Code::kUnsupported, fmt::format("{} takes anchors by {} and {}", row->name, row->drop_in, row->command));
  const std::string listed = request.file.starts_with(kListed) ? request.file.substr(kListed.size()) : "";
  if (request.remove)
    TRY_VOID(take_out(root, *row, certificate, plan));
  else if (!listed.empty() && row->drop_in.ends_with(".crt") && listed.ends_with(".crt") && plain(listed) != "" && root.files().lstat(kList))
    TRY_VOID(select_listed(root, listed, plan));
  else if (!is_taken_as_it_is(root, *row, request, certificate))
    TRY_VOID(plan.want(root, drop_in_for(root, *row, request, certificate), file_state(x509::pem_text(certificate.der()))));
  if (!root.is_machine()) return append_to_bundle(root, *row, certificate, plan);
  plan.tool = {std::string(row->command)};
  // Without it Debian's keeps links to what is gone.
  if (request.remove && row->command == "update-ca-certificates") plan.tool.emplace_back("--fresh");
  plan.watched = watched_by(*row);
  plan.verify = [bundle = std::string(row->bundle), certificate, gone = request.remove](const Root& at) -> Result<std::string> {
    const store::AnchorReader reader(at.files());
    const store::AnchorSet found = reader.bundle(bundle);
    const bool there = std::ranges::any_of(found.anchors, [&](const auto& one) { return one.der() == certificate.der(); });
    if (there == gone)
      return fail(Code::kSystem, gone ? "the certificate is still in it" : "the certificate is not in it, though the tool was run", bundle);
    return fmt::format("{}: {} anchors, {} {}", bundle, found.anchors.size(), gone ? "no longer" : "with", certificate.subject());
  };
  return {};
}

}  // namespace

Result<x509::Certificate> certificate_in(const Root& root, const std::string& file) {
  const store::AnchorReader reader(root.files());
  std::vector<x509::Certificate> found = reader.bundle(file).anchors;
  if (found.empty()) found = reader.der(file);
  if (found.size() > 1) return fail(Code::kUnsupported, fmt::format("holds {} certificates, and one is added at a time", found.size()), file);
  if (found.empty()) return fail(Code::kMalformed, "no certificate can be read in it", base::printable(file));
  return std::move(found.front());
}

Result<Plan> plan_anchor(const Root& root, const AnchorRequest& request) {
  // The certificate is the caller's, wherever the root is.
  TRY(machine, Root::open("/"));
  auto certificate = certificate_in(machine, request.file);
  if (!certificate && !root.is_machine()) certificate = certificate_in(root, request.file);
  if (!certificate) return std::unexpected(certificate.error());
  Plan plan;
  plan.remedy = "anchor";
  if (!certificate->is_ca())
    plan.notes.push_back("it is no CA certificate: it is trusted for itself alone, where a program takes it for an anchor at all");
  if (certificate->expired()) plan.notes.push_back("it is out of date, so that no program will use it: it ended " + certificate->not_after());
  if (request.system) TRY_VOID(plan_system(root, request, *certificate, plan));
  for (const std::string& store : request.stores)
    TRY_VOID(plan_foreign_store(root, store, *certificate, {request.password, request.remove, stem_of(request.file)}, plan));
  if (request.system && !request.remove)
    plan.notes.push_back(
        "node, Python packages with certifi and Java with a keystore of its own do not read the system's store: "
        "NODE_EXTRA_CA_CERTS, and --store for theirs");
  return plan;
}

}  // namespace tlswhy::fix
