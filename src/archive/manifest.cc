#include "archive/manifest.h"

#include <nlohmann/json.hpp>

#include "archive/name.h"

namespace tlswhy::archive {
namespace {

using nlohmann::json;

constexpr std::size_t kMost = 1000;  // of anything

json parse(std::string_view text) { return json::parse(text, nullptr, false); }

std::string text(const json& in, const char* key) {
  if (!in.is_object()) return "";
  const auto found = in.find(key);
  return found != in.end() && found->is_string() ? found->get<std::string>() : "";
}

json part(const json& in, const char* key) {
  if (!in.is_object()) return {};
  const auto found = in.find(key);
  return found != in.end() ? *found : json{};
}

std::vector<std::string> texts(const json& in, const char* key) {
  std::vector<std::string> out;
  const json list = part(in, key);
  if (!list.is_array()) return out;
  for (const json& one : list)
    if (one.is_string() && out.size() < kMost) out.push_back(one.get<std::string>());
  return out;
}

// "/blobs/sha256/HEX" of "sha256:HEX"; "" for what is no digest.
std::string blob(const std::string& digest) {
  const std::size_t colon = digest.find(':');
  if (colon == std::string::npos) return "";
  return tree_path("blobs/" + digest.substr(0, colon) + "/" + digest.substr(colon + 1)).value_or("");
}

}  // namespace

std::vector<ImageManifest> read_docker_manifest(std::string_view text_of_it) {
  std::vector<ImageManifest> out;
  const json all = parse(text_of_it);
  if (!all.is_array()) return out;
  for (const json& one : all) {
    if (out.size() >= kMost) break;
    ImageManifest manifest{tree_path(text(one, "Config")).value_or(""), {}, texts(one, "RepoTags")};
    for (const std::string& layer : texts(one, "Layers")) manifest.layers.push_back(tree_path(layer).value_or(""));
    out.push_back(std::move(manifest));
  }
  return out;
}

std::vector<Descriptor> read_index(std::string_view text_of_it) {
  std::vector<Descriptor> out;
  const json manifests = part(parse(text_of_it), "manifests");
  if (!manifests.is_array()) return out;
  for (const json& one : manifests) {
    const json notes = part(one, "annotations"), platform = part(one, "platform");
    const bool attests = text(notes, "vnd.docker.reference.type") == "attestation-manifest" || text(platform, "os") == "unknown";
    Descriptor descriptor{blob(text(one, "digest")), text(notes, "org.opencontainers.image.ref.name"), text(one, "mediaType").contains("index")};
    if (descriptor.name.empty() && platform.is_object()) descriptor.name = text(platform, "os") + "/" + text(platform, "architecture");
    if (text(one, "mediaType").contains("manifest.list")) descriptor.index = true;
    if (!attests && !descriptor.path.empty() && out.size() < kMost) out.push_back(std::move(descriptor));
  }
  return out;
}

ImageManifest read_oci_manifest(std::string_view text_of_it) {
  const json in = parse(text_of_it);
  ImageManifest out{blob(text(part(in, "config"), "digest")), {}, {}};
  const json layers = part(in, "layers");
  if (!layers.is_array()) return out;
  for (const json& layer : layers)
    if (out.layers.size() < kMost) out.layers.push_back(blob(text(layer, "digest")));
  return out;
}

ImageConfig read_image_config(std::string_view text_of_it) {
  const json config = part(parse(text_of_it), "config");
  return {texts(config, "Env"), text(config, "User")};
}

}  // namespace tlswhy::archive
