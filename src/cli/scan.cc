#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deliver.h"
#include "cli/elf_files.h"
#include "host/files.h"
#include "host/self.h"
#include "loader/loader.h"
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

// What is asked of each file.
struct Request {
  bool roots = false;      // the authorities' certificates that it carries
  bool in_folder = false;  // one of many: of a library the libraries below it are looked at by themselves
};

base::Result<Scanned> scan(const std::string& path, const Options& options, const Request& request) {
  const std::size_t slash = path.rfind('/');
  TRY(here, host::RealFiles::open(slash == std::string::npos ? "." : path.substr(0, slash + 1)));
  TRY(fd, host::open_following(*here, "/" + path.substr(slash == std::string::npos ? 0 : slash + 1)));
  TRY(image, elf::Image::read(std::move(fd)));
  const elf::ElfFile& file = image.file();
  TRY(files, host::RealFiles::open(options.root));
  Scanned out{request.roots ? compiled_roots(image) : std::vector<std::string>{}, stacks::recognise(image, path), glibc_need(file), file.needed()};
  const std::string below = path_below(path, options.root);
  const bool whole = !request.in_folder || !file.shared_object();
  if (!below.empty() && !file.needed().empty() && whole) add_libraries(*files, below, out.stacks);
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
base::Result<Scanned> scan_as_given(const std::string& path, const Options& options, const Request& request) {
  const std::string real = host::real_path(path);
  TRY(out, scan(real, options, request));
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

// One file of those that were asked for, or of a folder of them.
void add_file(const std::string& path, Scanned found, findings::Report& report) {
  facts::ScannedFile file{path, {}, std::move(found.roots), std::move(found.needed), std::move(found.glibc)};
  for (facts::Stack& stack : found.stacks) {
    file.stacks.push_back(static_cast<std::int64_t>(report.facts.stacks.size()));
    report.facts.stacks.push_back(std::move(stack));
  }
  report.facts.files.push_back(std::move(file));
}

// Those files below the folder that hold or load a TLS stack, and how many there were in all. What can't be read is passed over.
base::Result<void> scan_folder(const std::string& folder, const Options& options, bool roots, findings::Report& report, int& worst) {
  TRY(files, elf_files_below(folder));
  const bool progress = ::isatty(STDERR_FILENO) == 1 && options.screen == "terminal";
  std::size_t done = 0, told = 0;
  for (const std::string& path : files.paths) {
    if (++done % 50 == 0 && progress) write_stderr(fmt::format("\r\x1b[Ktlswhy: {} of {} ELF files", done, files.paths.size()));
    auto found = scan_as_given(path, options, {roots, true});
    if (!found || (found->stacks.empty() && found->roots.empty())) continue;
    if (std::ranges::any_of(found->stacks, finds_nothing)) worst = std::max<int>(worst, kFindings);
    add_file(path, std::move(*found), report);
    ++told;
  }
  if (progress) write_stderr("\r\x1b[K");
  if (files.cut) report.facts.unseen.push_back(fmt::format("what else is below {}: over {} entries", base::printable(folder), files.entries - 1));
  report.facts.unseen.push_back(fmt::format("{} of {} ELF files below {}: they hold no TLS stack that tlswhy knows, or can't be read",
                                            files.paths.size() - told, files.paths.size(), base::printable(folder)));
  return {};
}

// The report on `paths`; `worst` becomes the worst of their statuses. A file that can't be inspected is told on standard error.
findings::Report inspect(const std::vector<std::string>& paths, const Options& options, bool roots, int& worst) {
  findings::Report report;
  report.kind = facts::Kind::kScan;
  report.facts.target.command = paths;
  report.facts.target.root = options.root;
  for (const std::string& path : paths) {
    std::error_code ignored;
    base::Result<void> done;
    if (std::filesystem::is_directory(path, ignored)) {
      done = scan_folder(path, options, roots, report, worst);
    } else if (auto found = scan_as_given(path, options, {roots, false})) {
      if (std::ranges::any_of(found->stacks, finds_nothing)) worst = std::max<int>(worst, kFindings);
      add_file(path, std::move(*found), report);
    } else {
      done = std::unexpected(found.error());
    }
    if (done) continue;
    fmt::print(stderr, "tlswhy: {}: {}\n", base::printable(path), done.error().text());
    worst = kCannotInspect;
  }
  report.outcome = worst == kNothingWrong ? "ok" : "failed";
  return report;
}

}  // namespace

int scan_command(const std::vector<std::string>& arguments) {
  Arguments parser("Tells which TLS stacks ELF files and the libraries below them are or hold, and where each looks for anchors.", "tlswhy scan");
  Options options;
  std::vector<std::string> paths;
  bool roots = false;
  parser.common(options);
  parser.add("--root", options.root, "judge the paths below DIR instead of /").type("DIR").more("Links never lead out of it.");
  parser.flag("--roots", roots, "list the authorities' certificates that the files themselves carry, too");
  parser.add("PATH", paths, "libraries or programs, or folders: each ELF file below them that holds a TLS stack").required();
  if (const auto status = parser.parse(arguments)) return *status;
  int worst = kNothingWrong;
  const findings::Report report = inspect(paths, options, roots, worst);
  if (report.facts.stacks.empty() && worst == kCannotInspect) return worst;
  return std::max(deliver(report, options), worst);
}

}  // namespace tlswhy::cli
