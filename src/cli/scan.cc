#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "host/files.h"
#include "host/self.h"
#include "loader/loader.h"
#include "report/text.h"
#include "stacks/stack.h"
#include "store/compiled_roots.h"

namespace tlswhy::cli {
namespace {

// The newest glibc that the file's symbol versions ask for: "2.34", "" for none.
std::string glibc_need(const elf::ElfFile& file) {
  constexpr std::string_view kPrefix = "GLIBC_";
  std::string newest;
  for (const elf::VersionNeed& need : file.version_needs())
    for (const std::string& version : need.versions)
      if (version.starts_with(kPrefix) && version != "GLIBC_PRIVATE" && !base::version_at_least(newest, version.substr(kPrefix.size())))
        newest = version.substr(kPrefix.size());
  return newest;
}

void print_stack(const facts::Stack& stack, const std::string& scanned, const report::Style& style) {
  fmt::print("  {}{}{}, {}{}\n", stack.name, stack.version.empty() ? "" : " ", stack.version, stack.linkage,
             stack.path == scanned ? "" : " in " + base::printable(stack.path));
  const facts::Build& build = stack.build;
  const bool own_places = stacks::is_base(stack) || !stack.over.empty();  // where it looks was read from its file
  if (own_places && !stack.sources.empty()) {
    fmt::print("  OPENSSLDIR    {}\n", base::printable(build.openssldir));
    if (!build.enginesdir.empty()) fmt::print("  ENGINESDIR    {}\n", base::printable(build.enginesdir));
    if (!build.modulesdir.empty()) fmt::print("  MODULESDIR    {}\n", base::printable(build.modulesdir));
  }
  if (stack.sources.empty()) return;
  const char* how = !own_places ? "by its model" : build.read_by == "accessor" ? "read from its code" : "read from its text";
  fmt::print("  It looks for anchors in ({}):\n{}", how, report::sources_text(stack, style));
}

// `path` as seen from `root`; "" if it is not below it.
std::string path_below(const std::string& path, const std::string& root) {
  if (root == "/") return path;
  const std::string folder = root.ends_with('/') ? root.substr(0, root.size() - 1) : root;
  return path.starts_with(folder + "/") ? path.substr(folder.size()) : "";
}

// The roots that the file itself carries, by their subjects.
std::vector<std::string> compiled_roots(const elf::Image& image) {
  store::CompiledRoots found;
  (void)image.each_window(store::kLongestRoot, [&](bytes::View window, std::size_t size) { store::find_compiled_roots(window, size, found); });
  return found.subjects();
}

struct Scanned {
  std::vector<std::string> roots;
  std::vector<facts::Stack> stacks;
  std::string glibc;
  std::vector<std::string> needed;
};

// The stacks of the libraries that it would load below `files`, as it stands here.
void add_libraries(const host::RealFiles& files, const std::string& path, std::vector<facts::Stack>& out) {
  for (const loader::Object& object : loader::closure(files, path, {})) {
    if (object.path == path) continue;
    std::ranges::move(stacks::recognise_at(files, object.path), std::back_inserter(out));
  }
}

base::Result<Scanned> scan(const std::string& path, const Options& options, bool roots) {
  const std::size_t slash = path.rfind('/');
  TRY(here, host::RealFiles::open(slash == std::string::npos ? "." : path.substr(0, slash + 1)));
  TRY(fd, host::open_following(*here, "/" + path.substr(slash == std::string::npos ? 0 : slash + 1)));
  TRY(image, elf::Image::read(std::move(fd)));
  const elf::ElfFile& file = image.file();
  TRY(files, host::RealFiles::open(options.root));
  Scanned out{roots ? compiled_roots(image) : std::vector<std::string>{}, stacks::recognise(image, path), glibc_need(file), file.needed()};
  const std::string below = path_below(path, options.root);
  if (!below.empty() && !file.needed().empty()) add_libraries(*files, below, out.stacks);
  stacks::settle(out.stacks);
  const store::AnchorReader reader(*files);
  const host::Viewpoint as{*files};
  for (facts::Stack& stack : out.stacks) {
    if (stacks::speaks(stack)) stacks::describe(stack, {as, reader});
    stack.glibc = out.glibc;
    stack.needed = out.needed;
  }
  return out;
}

// The same with the path as it was given.
base::Result<Scanned> scan_as_given(const std::string& path, const Options& options, bool roots) {
  const std::string real = host::real_path(path);
  TRY(out, scan(real, options, roots));
  for (facts::Stack& stack : out.stacks) {
    if (stack.path != real) continue;
    stack.path = path;
    stack.compiled_roots = out.roots;
  }
  return out;
}

bool finds_nothing(const facts::Stack& stack) {
  return !stack.sources.empty() &&
         std::ranges::none_of(stack.sources, [](const facts::Source& source) { return source.anchors > 0 || source.kind == "bundled"; });
}

void print_text(const std::string& path, const Scanned& found, const Options& options) {
  fmt::print("{}\n", base::printable(path));
  const report::Style style = style_for(options, 1);
  if (found.stacks.empty()) fmt::print("  no TLS stack that tlswhy knows\n");
  for (const facts::Stack& stack : found.stacks) print_stack(stack, path, style);
  if (!found.roots.empty()) fmt::print("  {} authorities' certificates in its own data:\n", found.roots.size());
  for (const std::string& subject : found.roots) fmt::print("    {}\n", subject);
  if (!found.needed.empty()) fmt::print("  needs         {}\n", base::printable(base::join(found.needed, ", ")));
  if (!found.glibc.empty()) fmt::print("  glibc         {} or newer\n", base::printable(found.glibc));
}

}  // namespace

int scan_command(const std::vector<std::string>& arguments) {
  Arguments parser("Tells which TLS stacks ELF files and the libraries below them are or hold, and where each looks for anchors.", "tlswhy scan");
  Options options;
  std::vector<std::string> paths;
  bool roots = false;
  parser.common(options);
  parser.add("--root", options.root, "judge the paths below DIR instead of /").type("DIR");
  parser.flag("--roots", roots, "list the authorities' certificates that the files themselves carry, too");
  parser.add("FILE", paths, "libraries or programs").required();
  if (const auto status = parser.parse(arguments)) return *status;
  findings::Report report;
  report.facts.target.command = paths;
  int worst = kNothingWrong;
  for (const std::string& path : paths) {
    const auto found = scan_as_given(path, options, roots);
    if (!found) {
      fmt::print(stderr, "tlswhy: {}: {}\n", base::printable(path), found.error().text());
      worst = kCannotInspect;
      continue;
    }
    if (std::ranges::any_of(found->stacks, finds_nothing)) worst = std::max<int>(worst, kFindings);
    if (options.json != "-") print_text(path, *found, options);
    std::ranges::copy(found->stacks, std::back_inserter(report.facts.stacks));
  }
  if (options.json.empty() || (report.facts.stacks.empty() && worst == kCannotInspect)) return worst;
  report.outcome = worst == kNothingWrong ? "ok" : "failed";
  return write_report(report, options) ? worst : kCannotInspect;
}

}  // namespace tlswhy::cli
