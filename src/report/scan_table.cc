#include "report/scan_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace tlswhy::report {
namespace {

using base::printable;

constexpr std::size_t kColumns = 5, kWidest = 60;
using Row = std::array<std::string, kColumns>;

std::string count(std::size_t number, std::string_view noun) { return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s"); }

// The place that gives it anchors; where none does, the first that it reads.
const facts::Source* telling_source(const facts::Stack& stack) {
  const facts::Source* first = nullptr;
  for (const facts::Source& source : stack.sources) {
    if (source.status == "ignored") continue;
    if (source.anchors > 0 || source.kind == "bundled" || source.what == "list") return &source;
    if (first == nullptr) first = &source;
  }
  return first;
}

std::string place(const facts::Source* source) {
  if (source == nullptr) return "-";
  const std::string where = source->path.empty() ? "its own list" : printable(source->path, 300);
  return source->variable.empty() ? where : source->variable + "=" + where;
}

std::string works(const facts::Stack& stack, const facts::Source* source) {
  if (source == nullptr) return "-";
  if (!stack.refusal.empty()) return "no: it gives up";
  if (source->anchors > 0) return fmt::format("yes, {}", count(source->anchors, "anchor"));
  if (source->kind == "bundled" || source->what == "list") return "yes";
  return "no: " + source->status;
}

// The causes that were found for the file.
std::string codes(const findings::Report& report, const std::string& path) {
  std::vector<std::string> out;
  for (const findings::Finding& one : report.findings)
    if (std::ranges::find(one.files, path) != one.files.end() && std::ranges::find(out, one.code) == out.end()) out.push_back(one.code);
  for (const findings::Ignored& one : report.ignored)
    if (std::ranges::find(one.finding.files, path) != one.finding.files.end()) out.push_back(one.finding.code + " (ignored)");
  return out.empty() ? "-" : base::join(out, ", ");
}

std::string name_of(const facts::Stack& stack) { return stack.version.empty() ? stack.name : stack.name + " " + stack.version; }

// Within its archive, which has a line of its own.
std::string name_in(const facts::ScannedFile& file, const std::string& path) {
  const std::string front = file.container + "!";
  return printable(!file.container.empty() && path.starts_with(front) ? path.substr(front.size()) : path, 300);
}

void add_rows(const findings::Report& report, const facts::ScannedFile& file, std::vector<Row>& out) {
  const auto& stacks = report.facts.stacks;
  std::string path = (file.container.empty() ? "" : "  ") + name_in(file, file.path);
  if (!file.same_as.empty()) path += fmt::format(" (and {} more)", file.same_as.size());
  if (!file.trouble.empty()) return;
  for (const std::int64_t index : file.decides) {
    const facts::Stack& stack = stacks[static_cast<std::size_t>(index)];
    const facts::Source* source = telling_source(stack);
    out.push_back({path, name_of(stack), place(source), works(stack, source), codes(report, file.path)});
  }
  if (!file.decides.empty()) return;
  for (const std::int64_t index : file.stacks)
    if (const facts::Stack& stack = stacks[static_cast<std::size_t>(index)]; stack.path == file.path)
      out.push_back({path, "not known", fmt::format("holds {}", name_of(stack)), "-", "-"});
}

// Columns as wide as what is in them, up to a limit that a longer entry goes over.
std::string laid_out(const std::vector<Row>& rows, const Style& style) {
  std::array<std::size_t, kColumns> width{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < kColumns && !row[1].empty(); ++i) width[i] = std::max(width[i], std::min(row[i].size(), kWidest));
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    if (row[1].empty()) {  // of an archive
      out += row[0] + "\n";
      continue;
    }
    for (std::size_t i = 0; i < kColumns; ++i) line += i + 1 == kColumns ? row[i] : fmt::format("{:<{}}  ", row[i], width[i]);
    const bool head = &row == &rows.front();
    out += (head ? style.paint("head", line) : row[4].starts_with("TW") && !row[4].contains("ignored") ? style.paint("bad", line) : line) + "\n";
  }
  return out;
}

std::string foreign(const std::vector<facts::ScannedFile>& files) {
  std::vector<std::string> out;
  for (const facts::ScannedFile& file : files)
    if (!file.trouble.empty()) out.push_back(fmt::format("{}: {}", printable(file.path, 300), printable(file.trouble, 200)));
  return titled_list("Not read", out, {});
}

std::string not_found(const std::vector<facts::ScannedFile>& files) {
  std::vector<std::string> out;
  for (const facts::ScannedFile& file : files)
    for (const facts::LibraryFailure& one : file.missing)
      if (file.program)
        out.push_back(fmt::format("{} for {}; looked in {}", one.library, one.wanted_by,
                                  one.searched.empty() ? "no directory" : base::join(one.searched, ", ")));
  return titled_list("Libraries that programs need and that are not there", out, {});
}

}  // namespace

bool wants_table(const findings::Report& report) {
  constexpr std::size_t kMostInFull = 3;
  const auto& files = report.facts.files;
  return files.size() > kMostInFull || std::ranges::any_of(files, [](const auto& file) { return !file.container.empty(); });
}

std::string scan_table(const findings::Report& report, const Style& style) {
  std::vector<Row> rows{{"PROGRAM", "DECIDES", "LOOKS IN", "WORKS", "CAUSE"}};
  std::size_t without = 0;
  std::string container;
  for (const facts::ScannedFile& file : report.facts.files) {
    const std::size_t before = rows.size();
    add_rows(report, file, rows);
    if (rows.size() == before && file.trouble.empty()) ++without;
    if (rows.size() > before && file.container != container) {
      container = file.container;
      rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(before), Row{printable(container, 300) + (container.empty() ? "" : "!")});
    }
  }
  std::string out = rows.size() > 1 ? laid_out(rows, style) : "";
  out += fmt::format("{}{} without a TLS stack of their own that tlswhy knows\n", rows.size() > 1 ? "and " : "", count(without, "ELF file"));
  return out + foreign(report.facts.files) + not_found(report.facts.files);
}

}  // namespace tlswhy::report
