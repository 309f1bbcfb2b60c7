#include "archive/content.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

#include "archive/layer.h"
#include "archive/manifest.h"
#include "base/text.h"

namespace tlswhy::archive {

using base::Result;

namespace {

constexpr std::size_t kMostImages = 64;
constexpr int kDeepestIndex = 4;
constexpr std::uint64_t kMostJson = 8ULL << 20;

// Where the parts of an image are: in an archive that was read, or in a folder.
struct Blobs {
  virtual ~Blobs() = default;
  [[nodiscard]] virtual std::string text(const std::string& path) = 0;  // "" for what is not there
  [[nodiscard]] virtual const Layer* layer(const std::string& path) = 0;
};

class Images {
 public:
  Images(Blobs& blobs, Budget& budget) : blobs_(blobs), budget_(budget) {}

  std::vector<Part> all() {
    for (const ImageManifest& one : read_docker_manifest(blobs_.text("/manifest.json"))) add(one, base::join(one.tags, ", "));
    if (out_.empty()) add_index(blobs_.text("/index.json"), "", 0);
    if (out_.size() == 1) out_.front().name.clear();
    return std::move(out_);
  }

 private:
  void add_index(const std::string& json, const std::string& name, int depth) {
    if (depth > kDeepestIndex) return budget_.note("an index within indexes was not followed", name);
    for (const Descriptor& one : read_index(json)) {
      const std::string text = blobs_.text(one.path);
      const std::string called = one.name.empty() ? name : one.name;
      if (text.empty())
        budget_.note("images that the index names are not here", called.empty() ? one.path : called);
      else if (one.index || !read_index(text).empty())
        add_index(text, called, depth + 1);
      else
        add(read_oci_manifest(text), called);
    }
  }

  void add(const ImageManifest& manifest, const std::string& name) {
    if (out_.size() >= kMostImages) return budget_.note(fmt::format("more than {} images", kMostImages), name);
    Part part{Form::kRoot, name, std::make_unique<Tree>()};
    for (const std::string& path : manifest.layers) {
      const Layer* layer = blobs_.layer(path);
      if (layer == nullptr) {
        budget_.note("layers are not here, or can't be read", path);
        continue;
      }
      if (!layer->broken.empty()) budget_.note("layers are damaged: " + layer->broken, path);
      layer->apply_to(*part.tree);
    }
    const ImageConfig config = read_image_config(blobs_.text(manifest.config));
    part.environment = config.environment;
    part.user = config.user;
    out_.push_back(std::move(part));
  }

  Blobs& blobs_;
  Budget& budget_;
  std::vector<Part> out_;
};

// Those of an archive: read as they come, before it is known which of them count.
class ArchivedBlobs : public Blobs, public LayerSink {
 public:
  explicit ArchivedBlobs(const Tree& tree) : tree_(tree) {}

  std::string text(const std::string& path) override {
    const auto bytes = host::read_following(tree_, path, kMostJson);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "";
  }
  const Layer* layer(const std::string& path) override;
  Layer& put_layer(const std::string& path) override { return layers_[path]; }

 private:
  const Tree& tree_;
  std::map<std::string, Layer> layers_;
};

const Layer* ArchivedBlobs::layer(const std::string& path) {
  if (const auto found = layers_.find(path); found != layers_.end()) return &found->second;
  const auto through_link = layers_.find(host::resolve(tree_, path).path);
  return through_link == layers_.end() ? nullptr : &through_link->second;
}

class FolderBlobs : public Blobs {
 public:
  FolderBlobs(const host::Files& files, Budget& budget) : files_(files), budget_(budget) {}
  std::string text(const std::string& path) override {
    const auto bytes = host::read_following(files_, path, kMostJson);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "";
  }
  const Layer* layer(const std::string& path) override {
    if (const auto found = layers_.find(path); found != layers_.end()) return &found->second;
    auto fd = host::open_following(files_, path);
    if (!fd) return nullptr;
    const auto reader = Reader::of_file(std::move(*fd), budget_);
    if (!reader) return nullptr;
    Layer& out = layers_[path];
    take_all(**reader, out, budget_, Whiteouts::kMeant);
    return &out;
  }

 private:
  const host::Files& files_;
  Budget& budget_;
  std::map<std::string, Layer> layers_;
};

bool has_any(const Tree& tree, std::span<const char* const> paths) {
  return std::ranges::any_of(paths, [&](const char* path) { return tree.has(path); });
}

Form form_of(const Tree& tree, bool package) {
  constexpr std::array kOfPackages{"/.PKGINFO", "/.BUILDINFO"};
  constexpr std::array kOfRoots{"/etc/os-release", "/usr/lib/os-release", "/etc/passwd", "/.dockerenv"};
  if (package || has_any(tree, kOfPackages)) return Form::kPackage;
  return has_any(tree, kOfRoots) ? Form::kRoot : Form::kFolder;
}

Result<Content> read_all(Result<std::unique_ptr<Reader>> opened, Budget& budget) {
  if (!opened) return base::fail(base::Code::kUnsupported, "no archive: " + opened.error().message);
  Reader& reader = **opened;
  Layer plain;
  ArchivedBlobs blobs(plain.tree);
  take_all(reader, plain, budget, Whiteouts::kPlain, &blobs);
  for (const auto& [path, target] : plain.links)
    if (!plain.tree.link(path, target)) budget.note("hard links to what is not there", path);
  const bool nothing = plain.tree.nodes().size() == 1;
  if (nothing && !plain.broken.empty()) return base::fail(base::Code::kUnsupported, "no archive: " + plain.broken);
  Content out;
  if (plain.tree.has("/manifest.json") || is_layout(plain.tree)) out.parts = Images(blobs, budget).all();
  if (out.parts.empty()) {
    const Form form = form_of(plain.tree, reader.is_package());
    out.parts.push_back({form, "", std::make_unique<Tree>(std::move(plain.tree))});
  }
  out.notes = budget.notes();
  return out;
}

}  // namespace

Result<Content> read_archive(base::UniqueFd fd, const Limits& limits) {
  struct stat st{};
  const bool known = ::fstat(fd.get(), &st) == 0;
  Budget budget(limits, known ? static_cast<std::uint64_t>(st.st_size) : 0);
  return read_all(Reader::of_file(std::move(fd), budget), budget);
}

Result<Content> read_archive(bytes::View data, const Limits& limits) {
  Budget budget(limits, data.size());
  return read_all(Reader::of_memory(data, budget), budget);
}

bool is_layout(const host::Files& folder) {
  return host::resolve(folder, "/oci-layout").error == 0 && host::resolve(folder, "/index.json").error == 0;
}

Result<Content> read_layout(const host::Files& folder, const Limits& limits) {
  Budget budget(limits, limits.unpacked);  // its blobs' sizes are not asked for
  FolderBlobs blobs(folder, budget);
  Content out;
  out.parts = Images(blobs, budget).all();
  out.notes = budget.notes();
  if (out.parts.empty()) return base::fail(base::Code::kUnsupported, "an OCI layout without an image");
  return out;
}

}  // namespace tlswhy::archive
