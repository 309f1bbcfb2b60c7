#include "archive/interest.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace tlswhy::archive {
namespace {

bool starts_with(bytes::View data, std::string_view text) {
  return data.size() >= text.size() &&
         std::equal(text.begin(), text.end(), data.begin(), [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

bool contains(bytes::View data, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(data.data()), data.size()).contains(text);
}

template <std::size_t N>
bool ends_with_any(std::string_view path, const std::array<std::string_view, N>& endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return path.ends_with(ending); });
}

constexpr std::array<std::string_view, 10> kArchives{".jar", ".war", ".ear", ".whl", ".zip", ".pyz", ".egg", ".jmod", ".nupkg", ".aar"};
constexpr std::array<std::string_view, 20> kTrust{".pem",    ".crt",        ".cer",      ".der",      ".p12",   ".pfx",        ".jks",
                                                  ".bks",    ".p11-kit",    "/cacerts",  ".db",       ".conf",  ".cnf",        ".cfg",
                                                  "/passwd", "/os-release", "/security", ".security", "/group", "/ld.so.cache"};
constexpr std::array<std::string_view, 4> kFolders{"/etc/", "/usr/lib/ssl/", "/usr/share/ca-certificates/", "/usr/local/share/ca-certificates/"};

bool is_hex(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Interest interest_of(std::string_view path, bytes::View head) {
  if (starts_with(head,
                  "\x7f"
                  "ELF"))
    return Interest::kCode;
  if (ends_with_any(path, kArchives) && (starts_with(head, "PK") || starts_with(head, "#!") || starts_with(head, "JM"))) return Interest::kArchive;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (ends_with_any(path, kTrust) || base::is_hash_name(name) || contains(head, "-----BEGIN ")) return Interest::kTrust;
  if (std::ranges::any_of(kFolders, [&](std::string_view folder) { return path.starts_with(folder); })) return Interest::kTrust;
  if (path == "/manifest.json" || path == "/index.json" || path == "/oci-layout") return Interest::kJson;
  const bool hashed = path.starts_with("/blobs/sha256/") || (path.rfind('/') == 0 && path.ends_with(".json"));
  return hashed && starts_with(head, "{") ? Interest::kJson : Interest::kNone;
}

bool names_layer(std::string_view path) {
  constexpr std::string_view kBlobs = "/blobs/sha256/", kOld = "/layer.tar";
  if (path.starts_with(kBlobs)) return is_hex(path.substr(kBlobs.size()));
  if (path.ends_with(kOld)) return is_hex(path.substr(1, path.size() - kOld.size() - 1));
  for (const std::string_view ending : {".tar", ".tar.gz"})
    if (path.ends_with(ending)) return is_hex(path.substr(1, path.size() - ending.size() - 1));
  return false;
}

}  // namespace tlswhy::archive
