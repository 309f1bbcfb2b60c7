#include "store/source_folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "store/distributions.h"
#include "store/pem_bundle.h"

namespace tlswhy::store {
namespace {

constexpr std::uint64_t kMaxFile = 256U << 10;
constexpr std::size_t kMaxFiles = 2000, kMaxFound = 10;
constexpr int kMaxDepth = 4;
constexpr std::string_view kDebianConf = "/etc/ca-certificates.conf", kDebianListed = "/usr/share/ca-certificates";

enum class Takes { kCrt, kListed, kAny, kNeutral, kDistrusted, kNothing };

struct Folder {
  std::string_view path;
  Takes takes;
  std::string_view tool;  // whose distributions look there, by the drop-in folder of their row; "" for none
};

constexpr std::string_view kDebian = "/usr/local/share/ca-certificates", kRedHat = "/etc/pki/ca-trust/source/anchors",
                           kSuse = "/etc/pki/trust/anchors", kArch = "/etc/ca-certificates/trust-source/anchors";

// A folder before those above it.
constexpr std::array kFolders{
    Folder{kDebian, Takes::kCrt, kDebian},
    Folder{kDebianListed, Takes::kListed, kDebian},
    Folder{kRedHat, Takes::kAny, kRedHat},
    Folder{"/etc/pki/ca-trust/source/blocklist", Takes::kDistrusted, kRedHat},
    Folder{"/etc/pki/ca-trust/source/blacklist", Takes::kDistrusted, kRedHat},
    Folder{"/etc/pki/ca-trust/source", Takes::kNeutral, kRedHat},
    Folder{"/usr/share/pki/ca-trust-source/anchors", Takes::kAny, kRedHat},
    Folder{"/usr/share/pki/ca-trust-source/blocklist", Takes::kDistrusted, kRedHat},
    Folder{"/usr/share/pki/ca-trust-source/blacklist", Takes::kDistrusted, kRedHat},
    Folder{"/usr/share/pki/ca-trust-source", Takes::kNeutral, kRedHat},
    Folder{kSuse, Takes::kAny, kSuse},
    Folder{"/etc/pki/trust/blocklist", Takes::kDistrusted, kSuse},
    Folder{"/etc/pki/trust/blacklist", Takes::kDistrusted, kSuse},
    Folder{"/etc/pki/trust", Takes::kNeutral, kSuse},
    Folder{"/usr/share/pki/trust/anchors", Takes::kAny, kSuse},
    Folder{"/usr/share/pki/trust", Takes::kNeutral, kSuse},
    Folder{kArch, Takes::kAny, kArch},
    Folder{"/etc/ca-certificates/trust-source/blocklist", Takes::kDistrusted, kArch},
    Folder{"/etc/ca-certificates/trust-source", Takes::kNeutral, kArch},
    Folder{"/usr/share/ca-certificates/trust-source/anchors", Takes::kAny, kArch},
    // Places where people put them, and no tool looks.
    Folder{"/etc/ca-certificates", Takes::kNothing, ""},
    Folder{"/etc/ssl/certs", Takes::kNothing, ""},
    Folder{"/etc/pki/tls/certs", Takes::kNothing, ""},
    Folder{"/usr/local/share/certs", Takes::kNothing, ""},
};

struct Word {
  NotTaken why;
  std::string_view part;  // of the text, and of no other
};
constexpr std::array kWords{Word{NotTaken::kOtherEnding, "only names that end in .crt"},
                            Word{NotTaken::kDer, "is DER"},
                            Word{NotTaken::kDeselected, "deselected"},
                            Word{NotTaken::kNotListed, "no line of"},
                            Word{NotTaken::kDistrusted, "not to be trusted"},
                            Word{NotTaken::kNeutral, "says itself what it is trusted for"},
                            Word{NotTaken::kOtherFolder, "does not look in this folder"},
                            Word{NotTaken::kNotRun, "was not run since"}};

std::string text_of(NotTaken why, std::string_view tool) {
  switch (why) {
    case NotTaken::kOtherEnding: return fmt::format("{} takes only names that end in .crt", tool);
    case NotTaken::kDer: return fmt::format("it is DER, and {} takes PEM", tool);
    case NotTaken::kDeselected: return fmt::format("it is deselected (!) in {}", kDebianConf);
    case NotTaken::kNotListed: return fmt::format("no line of {} names it", kDebianConf);
    case NotTaken::kDistrusted: return "the folder is for certificates that are not to be trusted";
    case NotTaken::kNeutral: return fmt::format("{} takes from this folder what says itself what it is trusted for", tool);
    case NotTaken::kOtherFolder: return fmt::format("{} does not look in this folder", tool);
    case NotTaken::kNotRun: return fmt::format("{} was not run since it is there", tool);
  }
  return "";
}

class Search {
 public:
  Search(const host::Files& files, const x509::Certificate& top) : files_(files), top_(top), row_(distribution_of(files)) {
    const auto conf = host::read_following(files, std::string(kDebianConf), kMaxFile);
    if (conf) lines_ = base::split(std::string(conf->begin(), conf->end()), '\n');
  }

  std::vector<Candidate> run() {
    for (const Folder& folder : kFolders) walk(folder, std::string(folder.path), 0);
    std::ranges::stable_sort(found_, {}, [](const Candidate& one) { return one.why == NotTaken::kOtherFolder; });
    return std::move(found_);
  }

 private:
  // A folder that has a row of its own is looked at by that.
  static bool has_row(const std::string& path) { return std::ranges::find(kFolders, path, &Folder::path) != kFolders.end(); }

  void walk(const Folder& folder, const std::string& path, int depth) {
    const host::Resolved end = host::resolve(files_, path);
    if (end.error != 0 || end.stat.kind != host::Kind::kDirectory) return;
    const auto names = files_.list(end.path);
    for (const std::string& name : names ? *names : std::vector<std::string>{}) {
      if (base::is_hash_name(name)) continue;  // a link to what has another name as well
      const std::string below = path + "/" + name;
      if (found_.size() >= kMaxFound || files_seen_ >= kMaxFiles) return;
      if (depth > 0 || !has_row(below)) look(folder, below, depth);
    }
  }

  void look(const Folder& folder, const std::string& path, int depth) {
    const host::Resolved end = host::resolve(files_, path);
    if (end.error != 0) return;
    if (end.stat.kind == host::Kind::kDirectory && depth < kMaxDepth && !has_row(path)) return walk(folder, path, depth + 1);
    if (end.stat.kind != host::Kind::kFile || end.stat.size > kMaxFile) return;
    ++files_seen_;
    const auto bytes = files_.read(end.path, kMaxFile);
    if (bytes) take(folder, path, *bytes);
  }

  void take(const Folder& folder, const std::string& path, const host::Bytes& bytes) {
    constexpr std::uint8_t kSequence = 0x30;  // how DER begins
    const bool der = !bytes.empty() && bytes[0] == kSequence;
    std::vector<x509::Certificate> all;
    if (!der)
      all = read_pem_bundle(bytes).certificates;
    else if (auto one = x509::Certificate::parse(bytes))
      all.push_back(std::move(*one));
    const auto wanted = [&](const x509::Certificate& one) { return one.der() == top_.der() || top_.signed_by(one); };
    const auto hit = std::ranges::find_if(all, wanted);
    const bool known = hit != all.end() && std::ranges::any_of(found_, [&](const Candidate& one) { return one.path == path; });
    if (hit == all.end() || known) return;
    const NotTaken why = reason(folder, path, der);
    found_.push_back({*hit, path, why, text_of(why, tool()), der});
  }

  [[nodiscard]] NotTaken reason(const Folder& folder, const std::string& path, bool der) const {
    const bool ours = row_ != nullptr && !folder.tool.empty() && row_->drop_in.starts_with(folder.tool);
    if (!ours) return NotTaken::kOtherFolder;
    if (folder.takes == Takes::kDistrusted) return NotTaken::kDistrusted;
    if (folder.takes == Takes::kNeutral) return NotTaken::kNeutral;
    // Alpine's own tool and those of its kin ask for no ending.
    const bool script = row_->id != "alpine" && row_->id != "wolfi";
    if (folder.takes == Takes::kCrt && script && !path.ends_with(".crt")) return NotTaken::kOtherEnding;
    if (folder.takes == Takes::kListed) {
      const std::string name = path.substr(folder.path.size() + 1);
      if (std::ranges::find(lines_, "!" + name) != lines_.end()) return NotTaken::kDeselected;
      if (std::ranges::find(lines_, name) == lines_.end()) return NotTaken::kNotListed;
    }
    return der && folder.takes != Takes::kAny ? NotTaken::kDer : NotTaken::kNotRun;
  }

  [[nodiscard]] std::string tool() const {
    if (row_ == nullptr) return "the distribution's tool";
    return std::string(row_->command.empty() ? row_->name : row_->command);
  }

  const host::Files& files_;
  const x509::Certificate& top_;
  const Distribution* row_;
  std::vector<std::string> lines_;  // of Debian's list
  std::vector<Candidate> found_;
  std::size_t files_seen_ = 0;
};

}  // namespace

std::vector<Candidate> find_in_source_folders(const host::Files& files, const x509::Certificate& top) { return Search(files, top).run(); }

NotTaken not_taken_of(std::string_view text) {
  const auto word = std::ranges::find_if(kWords, [&](const Word& one) { return text.contains(one.part); });
  return word == kWords.end() ? NotTaken::kOtherFolder : word->why;
}

}  // namespace tlswhy::store
