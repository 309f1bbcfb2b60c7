#include "lab/places.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::Result;

namespace {

namespace fs = std::filesystem;

bool present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string first_of(std::initializer_list<fs::path> candidates) {
  for (const fs::path& one : candidates)
    if (present(one)) return fs::weakly_canonical(one).string();
  return "";
}

// A build tree is SOURCE/build/PRESET; its data is shared by the presets.
std::string data_folder(const fs::path& here, bool in_build) {
  if (const char* set = std::getenv("TLSWHY_LAB_DIR"); set != nullptr && *set != '\0') return set;
  if (in_build) return fs::weakly_canonical(here / ".." / "lab").string();
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache != nullptr && *cache == '/') return fmt::format("{}/tlswhy/lab", cache);
  return fmt::format("{}/.cache/tlswhy/lab", home != nullptr ? home : "/var/tmp");
}

}  // namespace

Result<Places> find_places() {
  std::error_code ignored;
  const fs::path self = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path here = self.parent_path();
  const bool in_build = present(here / ".." / ".." / "lab" / "scenarios") && present(here / "tlswhy-lab-server");
  Places out;
  out.tlswhy = self.string();
  out.share = in_build ? fs::weakly_canonical(here / ".." / ".." / "lab").string() : first_of({here / ".." / "share" / "tlswhy" / "lab"});
  out.data = data_folder(here, in_build);
  out.engine = first_of({here / "scriptengine"});
  out.server = first_of({here / "tlswhy-lab-server", here / ".." / "lib" / "tlswhy" / "tlswhy-lab-server"});
  out.static_client = first_of({here / "tlswhy-lab-static", here / ".." / "lib" / "tlswhy" / "tlswhy-lab-static"});
  if (out.share.empty()) return fail(Code::kNotFound, "the lab's scenarios are not installed", here.string());
  if (out.engine.empty() || out.server.empty()) return fail(Code::kNotFound, "scriptengine or tlswhy-lab-server is not beside tlswhy", here.string());
  return out;
}

bool has_bundles(const Places& places) { return present(places.data + "/built"); }

Result<void> build_bundles(const Places& places) {
  for (const char* script : {"build-origin.sh", "build-clients.sh"}) {
    const std::string command = fmt::format("{} {}", tlswhy::base::shell_quote(places.share + "/" + script), tlswhy::base::shell_quote(places.data));
    if (std::system(command.c_str()) != 0) return fail(Code::kSystem, fmt::format("{} failed", script), places.data);
  }
  std::ofstream(places.data + "/built").flush();
  return {};
}

}  // namespace lab
