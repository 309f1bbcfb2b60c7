#include "cli/scan_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "diagnose/viewpoint.h"
#include "elf/image.h"
#include "host/remembered_files.h"
#include "loader/loader.h"
#include "rules/file_rules.h"
#include "stacks/stack.h"
#include "store/system_stores.h"

namespace tlswhy::cli {
namespace {

using base::Result;

// A file that can't be read is like no other.
bool same_content(const host::Files& files, const std::string& one, const std::string& other) {
  const auto a = host::open_following(files, one), b = host::open_following(files, other);
  struct stat of_a{}, of_b{};
  if (!a || !b || ::fstat(a->get(), &of_a) != 0 || ::fstat(b->get(), &of_b) != 0 || of_a.st_size != of_b.st_size) return false;
  host::Bytes first(1U << 20), second(1U << 20);
  for (off_t at = 0; at < of_a.st_size;) {
    const ssize_t got = ::pread(a->get(), first.data(), first.size(), at);
    if (got <= 0 || ::pread(b->get(), second.data(), static_cast<std::size_t>(got), at) != got) return false;
    if (!std::equal(first.begin(), first.begin() + got, second.begin())) return false;
    at += got;
  }
  return true;
}

// Which of the stacks of one file counts, those of the first kind that there is.
enum class Tier { kOwn, kLibraryAsked, kBaseAsked, kNamed, kNone };

class FileScanner {
 public:
  // `files`: the place's.
  FileScanner(const ScanPlace& place, const host::Files& files, Searches& searches)
      : place_(place),
        files_(files),
        searches_(searches),
        loader_(files, place.environment),
        reader_(files, place.who),
        as_{files, place.who, place.environment} {}

  // Nothing for what can't be read.
  Result<void> scan(const std::string& path, bool asked_for_by_others, findings::Report& report) {
    const host::Files& files = place_.outside ? machine_ : files_;
    const auto seen = searches_.of(files, path);
    if (!seen) return why_not(files, path);
    if (!seen->trouble.empty() && !place_.many) return base::fail(base::Code::kUnsupported, seen->trouble, place_.given);
    facts::ScannedFile file{place_.shown(path), {}, seen->roots, seen->needed, seen->glibc};
    file.container = place_.container;
    file.machine = seen->machine;
    file.program = seen->trouble.empty() && !seen->shared_object;
    file.trouble = seen->trouble;
    std::vector<facts::Stack> stacks = with_paths(*seen, path);
    objects_.clear();
    // Of a library that others of these load, the programs are looked at.
    const bool whole = !place_.outside && (file.program || !place_.many || !asked_for_by_others);
    if (whole && !file.needed.empty() && seen->trouble.empty()) add_libraries(path, file, stacks);
    describe(stacks);
    add(std::move(file), path, seen, std::move(stacks), report);
    return {};
  }

 private:
  struct Loaded {
    std::string path;
    std::shared_ptr<const Seen> seen;
  };

  static Result<void> why_not(const host::Files& files, const std::string& path) {
    TRY(fd, host::open_following(files, path));
    TRY(image, elf::Image::read(std::move(fd)));
    return {};
  }

  [[nodiscard]] std::vector<facts::Stack> with_paths(const Seen& seen, const std::string& path) const {
    std::vector<facts::Stack> out = seen.stacks;
    for (facts::Stack& stack : out) stack.path = path;
    return out;
  }

  // "curl needs libcurl.so.4, which needs libssl.so.3".
  static std::string chain(const loader::Loading& loading, std::size_t at) {
    std::vector<std::string> names;
    for (std::size_t step = at; step != 0 && names.size() < 16; step = loading.asked_by[step])
      names.emplace_back(base::base_name(loading.objects[step].path));
    std::string out = std::string(base::base_name(loading.objects.front().path));
    for (auto name = names.rbegin(); name != names.rend(); ++name) out += (name == names.rbegin() ? " needs " : ", which needs ") + *name;
    return out;
  }

  void add_libraries(const std::string& path, facts::ScannedFile& file, std::vector<facts::Stack>& stacks) {
    const loader::Loading loading = loader_.load(path);
    for (std::size_t i = 0; i < loading.objects.size(); ++i) {
      const std::string& object = loading.objects[i].path;
      const auto seen = searches_.of(files_, object);
      if (!seen) continue;
      objects_.push_back({object, seen});
      if (i == 0) continue;
      for (facts::Stack& stack : with_paths(*seen, object)) {
        stack.why_loaded = chain(loading, i);
        stacks.push_back(std::move(stack));
      }
    }
    for (const auto& one : loading.missing)
      file.missing.push_back(
          {0, one.library, place_.shown(one.wanted_by), one.found.empty() ? "missing" : "unreadable", "", one.found, one.searched});
  }

  void describe(std::vector<facts::Stack>& stacks) {
    stacks::settle(stacks);
    for (facts::Stack& stack : stacks) {
      if (stacks::speaks(stack)) stacks::describe(stack, {as_, reader_});
      // By the file itself: a library between the two may ask for a purpose of its own, which this program need not have.
      if (!objects_.empty() && asks(objects_.front(), stack)) stack.asked_by = place_.shown(objects_.front().path);
    }
  }

  // Whether that object asks for the default places of the stack.
  [[nodiscard]] bool asks(const Loaded& object, const facts::Stack& stack) const {
    if (object.path == stack.path) return false;
    const auto library = std::ranges::find(objects_, stack.path, &Loaded::path);
    return library != objects_.end() && (object.seen->asks & library->seen->defines) != 0;
  }

  // A stack without a model, one that verifies nothing of itself and one whose store was not seen decide nothing that could be told.
  [[nodiscard]] bool tells(const facts::Stack& stack) const {
    if (!stacks::speaks(stack) || stack.sources.empty()) return false;
    const stacks::Trust trust = stacks::trust_of(stacks::spec_of(stack, files_), as_, reader_);
    return !trust.verifies_nothing && !trust.unseen_anchors;
  }

  [[nodiscard]] Tier tier_of(const facts::Stack& stack, const std::string& path) const {
    if (!tells(stack)) return Tier::kNone;
    const bool own = stack.path == path;
    if (!stack.base && own && stack.linkage != "shared") return Tier::kOwn;
    if (!stack.base && !stack.asked_by.empty()) return Tier::kLibraryAsked;
    if (stack.base && !stack.asked_by.empty()) return Tier::kBaseAsked;
    return place_.many || !own ? Tier::kNone : Tier::kNamed;
  }

  void add(facts::ScannedFile file, const std::string& path, const std::shared_ptr<const Seen>& seen, std::vector<facts::Stack> stacks,
           findings::Report& report) {
    std::vector<Tier> tiers;
    for (const facts::Stack& stack : stacks) tiers.push_back(tier_of(stack, path));
    const Tier decides = tiers.empty() ? Tier::kNone : std::ranges::min(tiers);
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      facts::Stack& stack = stacks[i];
      const auto index = static_cast<std::int64_t>(report.facts.stacks.size());
      file.stacks.push_back(index);
      if (decides != Tier::kNone && tiers[i] == decides) file.decides.push_back(index);
      finish(stack, file, path);
      report.facts.stacks.push_back(std::move(stack));
    }
    if (!join(file, path, seen, report)) report.facts.files.push_back(std::move(file));
  }

  // What is told of the file but its own path: two of which the same holds are told as one, where they are the same file.
  static std::string outcome(const facts::ScannedFile& file, const findings::Report& report) {
    std::string out = fmt::format("{}\n{}\n", file.container, file.decides.size());
    for (const std::int64_t index : file.stacks) {
      const facts::Stack& stack = report.facts.stacks[static_cast<std::size_t>(index)];
      out += fmt::format("{} {} {} {}\n", stack.name, stack.version, stack.linkage, stack.path == file.path ? "" : stack.path);
      for (const facts::Source& source : stack.sources) out += source.path + " " + source.status + "\n";
    }
    for (const facts::LibraryFailure& one : file.missing) out += one.library + " " + base::join(one.searched, ":") + "\n";
    return out;
  }

  // To an earlier one of the same content; false: there is none. The report has its stacks already.
  bool join(const facts::ScannedFile& file, const std::string& path, const std::shared_ptr<const Seen>& seen, findings::Report& report) {
    if (!place_.many) return false;
    // Of those without a stack only other names of the same file are looked for.
    auto& alike = told_[file.stacks.empty() ? fmt::format("{}", fmt::ptr(seen.get())) : outcome(file, report)];
    for (const Told& one : alike) {
      if (one.seen != seen && (one.seen->size != seen->size || !same_content(files_, one.path, path))) continue;
      report.facts.files[one.index].same_as.push_back(file.path);
      report.facts.stacks.resize(report.facts.stacks.size() - file.stacks.size());
      return true;
    }
    alike.push_back({seen, path, report.facts.files.size()});
    return false;
  }

  void finish(facts::Stack& stack, const facts::ScannedFile& file, const std::string& path) const {
    if (stack.path == path) stack.compiled_roots = file.compiled_roots;
    stack.path = place_.shown(stack.path);
    if (!stack.over.empty()) stack.over = place_.shown(stack.over);
    stack.glibc = file.glibc;
    stack.needed = file.needed;
    // With these a saved run can be judged again; of a thousand files they are too much.
    if (place_.many)
      for (facts::Source& source : stack.sources) source.anchor_digests.clear();
  }

  const ScanPlace& place_;
  const host::Files& files_;
  Searches& searches_;
  loader::Loader loader_;
  store::AnchorReader reader_;
  host::Viewpoint as_;
  host::RealFiles machine_ = host::RealFiles::machine();
  std::vector<Loaded> objects_;  // of the file at hand
  struct Told {
    std::shared_ptr<const Seen> seen;
    std::string path;
    std::size_t index;  // into the report's files
  };
  std::unordered_map<std::string, std::vector<Told>> told_;  // by outcome
};

// The names by which any of these files asks for libraries.
std::set<std::string, std::less<>> asked_for(const ScanPlace& place, const host::Files& files, Searches& searches) {
  std::set<std::string, std::less<>> out;
  for (const std::string& path : place.paths)
    if (const auto seen = searches.of(files, path)) out.insert(seen->needed.begin(), seen->needed.end());
  return out;
}

// What the rules judge the files of this place by: the stores that are there.
facts::Facts surroundings(const ScanPlace& place) {
  facts::Facts out;
  store::AnchorReader reader(place.files(), place.who);
  for (const store::AnchorSet& store : store::read_system_stores(reader)) out.machine_stores.push_back(diagnose::describe_place(store, nullptr));
  return out;
}

facts::Process process_of(const ScanPlace& place) {
  facts::Process out;
  out.trust_env = place.environment;
  out.own_root = place.whole;
  out.uid = place.who.uid;
  out.gid = place.who.gid;
  out.reads_all = place.who.bypass;
  return out;
}

}  // namespace

Result<void> scan_place(const ScanPlace& place, Searches& searches, findings::Report& report,
                        const std::function<void(std::size_t, std::size_t)>& progress) {
  const std::size_t first = report.facts.files.size();
  const host::RememberedFiles files(place.files());  // paths go through the same few directories
  if (!place.outside) searches.ahead(files, place.paths, [&](std::size_t done) { progress(done, place.paths.size()); });
  const auto asked = place.many ? asked_for(place, files, searches) : std::set<std::string, std::less<>>{};
  FileScanner scanner(place, files, searches);
  std::size_t unreadable = 0;
  for (const std::string& path : place.paths) {
    const auto done = scanner.scan(path, asked.contains(base::base_name(path)), report);
    if (!done && !place.many) return done;
    if (!done) ++unreadable;
  }
  if (unreadable > 0) report.facts.unseen.push_back(fmt::format("{} ELF files of {} that can't be read", unreadable, base::printable(place.given)));
  report.facts.unseen.insert(report.facts.unseen.end(), place.notes.begin(), place.notes.end());
  const facts::Facts around = surroundings(place);
  rules::judge_files(report, first, around, process_of(place));
  return {};
}

}  // namespace tlswhy::cli
