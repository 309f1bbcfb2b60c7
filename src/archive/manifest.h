#pragma once
// What an image's JSON says: docker save's manifest.json, and OCI's index, manifest and configuration (image-spec).

#include <string>
#include <string_view>
#include <vector>

namespace tlswhy::archive {

// One entry of manifest.json, or an OCI manifest; places are paths in the archive or the layout.
struct ImageManifest {
  std::string config;
  std::vector<std::string> layers;  // the lowest first
  std::vector<std::string> tags;
};

// A descriptor of an index.
struct Descriptor {
  std::string path;  // "/blobs/sha256/…"
  std::string name;  // its tag, or its platform
  bool index = false;
};

struct ImageConfig {
  std::vector<std::string> environment;
  std::string user;
};

// Each gives what it can of hostile text, which may be nothing.
std::vector<ImageManifest> read_docker_manifest(std::string_view json);
std::vector<Descriptor> read_index(std::string_view json);
ImageManifest read_oci_manifest(std::string_view json);
ImageConfig read_image_config(std::string_view json);

}  // namespace tlswhy::archive
