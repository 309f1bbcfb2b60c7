#include "fix/foreign_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "fix/tool.h"
#include "store/anchor_reader.h"

namespace tlswhy::fix {

using base::Code;
using base::fail;
using base::Result;

namespace {

namespace fs = std::filesystem;

// A folder of ours for the copy, 0700.
class Workshop {
 public:
  Workshop() {
    std::string form = (fs::temp_directory_path() / "tlswhy-fix-XXXXXX").string();
    if (::mkdtemp(form.data()) != nullptr) path_ = form;
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  [[nodiscard]] std::string at(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] bool write(const std::string& name, const std::string& text) const {
    std::ofstream out(at(name), std::ios::binary);
    out << text;
    return out.flush().good();
  }
  [[nodiscard]] static Result<std::string> read(const std::string& path) {
    TRY(root, Root::open("/"));
    TRY(state, state_at(root, path));
    return std::move(state.content);
  }

 private:
  std::string path_;
};

Result<void> run(const std::vector<std::string>& argv) {
  TRY(ran, run_tool(argv));
  if (ran.status == 0) return {};
  return fail(Code::kSystem, fmt::format("ended with status {}: {}", ran.status, base::printable(ran.output.substr(0, 500))), argv.front());
}

bool has(const store::AnchorSet& set, const x509::Certificate& certificate) {
  return std::ranges::any_of(set.anchors, [&](const auto& one) { return one.der() == certificate.der(); });
}

// The new contents in the place of the old, whose owner and mode stay.
Result<void> want_content(const Root& root, const std::string& path, std::string content, Plan& plan) {
  TRY(now, state_at(root, path));
  now.content = std::move(content);
  now.modified = -1;
  return plan.want(root, path, std::move(now));
}

Result<void> in_bundle(const Root& root, const std::string& path, const x509::Certificate& certificate, bool remove, Plan& plan) {
  TRY(now, state_at(root, path));
  std::string text = now.content;
  if (!remove) {
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += fmt::format("\n# {}\n{}", certificate.subject(), x509::pem_text(certificate.der()));
    return want_content(root, path, std::move(text), plan);
  }
  const std::string block = x509::pem_text(certificate.der());
  const std::size_t begin = text.find(block);
  if (begin == std::string::npos)
    return fail(Code::kUnsupported, "the certificate stands there in another form than PEM as it is written today", path);
  text.erase(begin, block.size());
  const std::string comment = fmt::format("\n# {}\n", certificate.subject());
  if (begin >= comment.size() && text.compare(begin - comment.size(), comment.size(), comment) == 0)
    text.erase(begin - comment.size(), comment.size());
  return want_content(root, path, std::move(text), plan);
}

Result<void> in_keystore(const Root& root, const std::string& path, const x509::Certificate& certificate, const ForeignStore& how, Plan& plan) {
  const Workshop workshop;
  TRY(now, state_at(root, path));
  if (!workshop.write("store", now.content) || !workshop.write("new.pem", x509::pem_text(certificate.der())))
    return fail(Code::kSystem, "can't write a copy", path);
  const std::vector<std::string> common{"-noprompt", "-alias", how.name, "-keystore", workshop.at("store"), "-storepass", how.password};
  std::vector<std::string> argv{"keytool", how.remove ? "-delete" : "-importcert"};
  if (!how.remove) argv.insert(argv.end(), {"-trustcacerts", "-file", workshop.at("new.pem")});
  argv.insert(argv.end(), common.begin() + (how.remove ? 1 : 0), common.end());
  TRY_VOID(run(argv));
  TRY(content, Workshop::read(workshop.at("store")));
  return want_content(root, path, std::move(content), plan);
}

Result<void> in_nss(const Root& root, const std::string& path, const x509::Certificate& certificate, const ForeignStore& how, Plan& plan) {
  const Workshop workshop;
  const std::vector<std::string> files{"cert9.db", "key4.db", "pkcs11.txt"};
  for (const std::string& file : files) {
    TRY(now, state_at(root, path + "/" + file));
    if (now.kind == Kind::kFile && !workshop.write(file, now.content)) return fail(Code::kSystem, "can't write a copy", path);
  }
  if (!workshop.write("new.pem", x509::pem_text(certificate.der()))) return fail(Code::kSystem, "can't write a copy", path);
  std::vector<std::string> argv{"certutil", how.remove ? "-D" : "-A", "-d", "sql:" + workshop.at(""), "-n", how.name};
  if (!how.remove) argv.insert(argv.end(), {"-t", "C,,", "-i", workshop.at("new.pem")});
  TRY_VOID(run(argv));
  // The trust in the one is sealed by the other.
  for (const std::string& file : files) {
    TRY(content, Workshop::read(workshop.at(file)));
    TRY(now, state_at(root, path + "/" + file));
    if (now.kind == Kind::kFile && now.content != content) TRY_VOID(want_content(root, path + "/" + file, std::move(content), plan));
  }
  return {};
}

}  // namespace

Result<void> plan_foreign_store(const Root& root, const std::string& path, const x509::Certificate& certificate, const ForeignStore& how,
                                Plan& plan) {
  const host::Resolved end = host::resolve(root.files(), path, {}, false);
  if (end.error != 0) return base::fail_errno(end.error, "can't be reached", base::printable(path));
  const store::AnchorReader reader(root.files());
  const bool folder = end.stat.kind == host::Kind::kDirectory;
  const store::AnchorSet bundle = folder ? store::AnchorSet{} : reader.bundle(end.path);
  const store::AnchorSet keystore = folder || !bundle.anchors.empty() ? store::AnchorSet{} : reader.keystore(end.path, how.password);
  const store::AnchorSet& found = !bundle.anchors.empty() ? bundle : keystore;
  const store::AnchorSet nss = folder ? reader.nss_database(end.path + "/cert9.db") : store::AnchorSet{};
  if (has(folder ? nss : found, certificate) != how.remove) {
    plan.notes.push_back(fmt::format("{} {} already", base::printable(path), how.remove ? "does not hold it" : "holds it"));
    return {};
  }
  if (folder) return in_nss(root, end.path, certificate, how, plan);
  if (!bundle.anchors.empty()) return in_bundle(root, end.path, certificate, how.remove, plan);
  if (!keystore.anchors.empty()) return in_keystore(root, end.path, certificate, how, plan);
  return fail(Code::kUnsupported, "neither a bundle of certificates, a Java keystore (with this password) nor an NSS database",
              base::printable(path));
}

}  // namespace tlswhy::fix
