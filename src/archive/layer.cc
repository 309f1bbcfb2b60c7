#include "archive/layer.h"

#include "archive/interest.h"
#include "archive/name.h"
#include "base/text.h"

namespace tlswhy::archive {
namespace {

constexpr std::uint64_t kMostOfTrust = 16ULL << 20, kMostJson = 8ULL << 20;
constexpr std::string_view kWhiteout = ".wh.", kOpaque = ".wh..wh..opq";

class Taker {
 public:
  Taker(Layer& out, Budget& budget, Whiteouts whiteouts, LayerSink* sink) : out_(out), budget_(budget), whiteouts_(whiteouts), sink_(sink) {}

  // Everything into the folder `prefix`, "" for the tree itself.
  void all(Reader& reader, const std::string& prefix, int depth) {
    while (true) {
      auto entry = reader.next();
      if (!entry) {
        if (prefix.empty()) out_.broken = entry.error().message;
        return budget_.note("an archive ends early or is damaged", prefix);
      }
      if (!*entry) return;
      one(reader, std::move(**entry), prefix, depth);
    }
  }

 private:
  void one(Reader& reader, Entry entry, const std::string& prefix, int depth) {
    const auto path = tree_path(entry.name);
    if (!path) return budget_.note("names that lead out of the archive, are too long or can't be read were refused", entry.name);
    if (reader.is_ar() && depth == 0) return package_part(reader, *path, depth);
    const std::string full = prefix + *path;
    if (*path == "/" || take_whiteout(full)) return;
    if (!entry.same_as.empty()) return hard_link(full, entry.same_as, prefix);
    if (entry.stat.kind == host::Kind::kFile) return file(reader, std::move(entry), full, depth);
    put(full, {entry.stat});
  }

  void put(const std::string& path, Node node) {
    if (!out_.tree.put(path, std::move(node))) budget_.note("entries below what is no directory were left out", path);
  }

  // A .deb holds archives: of the files, and of what installs them.
  void package_part(Reader& reader, const std::string& path, int depth) {
    if (!path.starts_with("/data.tar")) return;
    const auto inner = Reader::of_entry(reader, {}, budget_);
    if (!inner) return budget_.note("an archive ends early or is damaged", path);
    all(**inner, "", depth + 1);
  }

  bool take_whiteout(const std::string& path) {
    if (whiteouts_ == Whiteouts::kPlain) return false;
    const std::string directory = base::dir_name(path);
    const std::string_view name = base::base_name(path);
    if (!name.starts_with(kWhiteout)) return false;
    if (name == kOpaque)
      out_.opaque.insert(directory);
    else if (!name.substr(kWhiteout.size()).starts_with(kWhiteout))  // the others are aufs's own
      out_.gone.insert((directory == "/" ? "" : directory) + "/" + std::string(name.substr(kWhiteout.size())));
    return true;
  }

  void hard_link(const std::string& path, const std::string& target, const std::string& prefix) {
    const auto other = tree_path(target);
    if (!other) return budget_.note("names that lead out of the archive, are too long or can't be read were refused", target);
    if (!out_.tree.link(path, prefix + *other)) out_.links.emplace_back(path, prefix + *other);
  }

  void file(Reader& reader, Entry entry, const std::string& path, int depth) {
    host::Bytes head(kHead);
    const auto got = reader.read(head);
    if (!got) {
      budget_.note("files that can't be unpacked", path);
      return put(path, {entry.stat});
    }
    head.resize(*got);
    const bool json = !head.empty() && head.front() == '{';
    if (sink_ != nullptr && !json && names_layer(path)) return layer(reader, std::move(head), path);
    const Interest interest = interest_of(path, head);
    Node node{entry.stat};
    if (interest != Interest::kNone) node.content = contents(reader, std::move(head), entry.stat.size, path, interest);
    if (node.content) node.stat.size = node.content->size();
    if (interest == Interest::kArchive && node.content) {
      const auto content = std::move(node.content);
      node.content = nullptr;
      put(path, std::move(node));
      return inner_archive(*content, path, depth + 1);
    }
    put(path, std::move(node));
  }

  void layer(Reader& reader, host::Bytes head, const std::string& path) {
    const auto inner = Reader::of_entry(reader, std::move(head), budget_);
    if (!inner) return;  // no layer: whoever needs it tells so
    take_all(**inner, sink_->put_layer(path), budget_, Whiteouts::kMeant);
  }

  std::shared_ptr<const host::Bytes> contents(Reader& reader, host::Bytes head, std::uint64_t size, const std::string& path, Interest interest) {
    const std::uint64_t most = interest == Interest::kTrust ? kMostOfTrust : interest == Interest::kJson ? kMostJson : UINT64_MAX;
    if (size > most) return nullptr;
    if (size > budget_.largest_file()) return budget_.keep(size, path), nullptr;
    auto all = reader.rest(std::move(head), size);
    if (!all) return budget_.note("files that can't be unpacked", path), nullptr;
    if (interest != Interest::kArchive && !budget_.keep(all->size(), path)) return nullptr;
    return std::make_shared<const host::Bytes>(std::move(*all));
  }

  void inner_archive(const host::Bytes& content, const std::string& path, int depth) {
    if (!budget_.descend(depth, path)) return;
    const auto inner = Reader::of_memory(content, budget_);
    if (!inner) return budget_.note("an archive ends early or is damaged", path);
    all(**inner, path + "!", depth);
  }

  Layer& out_;
  Budget& budget_;
  Whiteouts whiteouts_;
  LayerSink* sink_;
};

}  // namespace

void take_all(Reader& reader, Layer& out, Budget& budget, Whiteouts whiteouts, LayerSink* sink) {
  Taker(out, budget, whiteouts, sink).all(reader, "", 0);
}

namespace {

// Where it is in `root`, links above it followed.
std::string placed(const Tree& root, const std::string& path) {
  const host::Resolved parent = host::resolve(root, base::dir_name(path));
  if (parent.error != 0) return "";
  return (parent.path == "/" ? "" : parent.path) + "/" + std::string(base::base_name(path));
}

}  // namespace

void Layer::apply_to(Tree& root) const {
  for (const std::string& directory : opaque) root.empty(directory == "/" ? directory : placed(root, directory));
  for (const std::string& path : gone) {
    const std::string at = placed(root, path);
    root.remove(at);
    root.remove(at + "!");  // what was in it, if it was an archive
  }
  for (const auto& [path, node] : tree.nodes()) {
    if (node.implied) continue;
    if (node.stat.kind != host::Kind::kDirectory) root.remove(placed(root, path) + "!");
    (void)root.put(path, node);
  }
  for (const auto& [path, target] : links) (void)root.link(path, target);
}

}  // namespace tlswhy::archive
