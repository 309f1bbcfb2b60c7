#include "cli/scan_search.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <optional>

#include "base/text.h"
#include "elf/head.h"
#include "elf/image.h"
#include "stacks/stack.h"
#include "store/compiled_roots.h"

namespace tlswhy::cli {
namespace {

// Functions that a program calls to have the library's default places read, each with another that the library with those places defines. A
// program that names the first, and loads a library that defines the second, asks for them.
struct Ask {
  std::string_view function, of_library;
};
constexpr std::array kAsks{Ask{"SSL_CTX_set_default_verify_paths", "X509_STORE_set_default_paths"},
                           Ask{"X509_STORE_set_default_paths", "X509_STORE_set_default_paths"},
                           Ask{"SSL_CTX_set_default_verify_file", "X509_STORE_set_default_paths"},
                           Ask{"gnutls_certificate_set_x509_system_trust", "gnutls_certificate_set_x509_system_trust"},
                           Ask{"gnutls_x509_trust_list_add_system_trust", "gnutls_x509_trust_list_add_system_trust"},
                           Ask{"curl_easy_perform", "curl_easy_perform"},
                           Ask{"curl_multi_perform", "curl_multi_perform"},
                           Ask{"curl_multi_socket_action", "curl_multi_socket_action"}};

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

// The roots that the file itself carries, by their subjects.
std::vector<std::string> compiled_roots(const elf::Image& image) {
  store::CompiledRoots found;
  (void)image.each_window(store::kLongestRoot, [&](bytes::View window, std::size_t size) { store::find_compiled_roots(window, size, found); });
  return found.subjects();
}

bool defines(const elf::ElfFile& file, std::string_view function) {
  const auto symbol = file.find_symbol(function);
  return symbol && symbol->defined;
}

// Both by name: what a file imports stands in its table of strings, and what it looks up while it runs in its data.
void note_asks(const elf::Image& image, Seen& out) {
  std::vector<std::string_view> names;
  for (const Ask& ask : kAsks) names.push_back(ask.function);
  elf::Texts texts(names);
  if (!image.search(texts)) return;
  for (std::size_t i = 0; i < kAsks.size(); ++i) {
    if (defines(image.file(), kAsks[i].of_library)) out.defines |= 1U << i;
    const bytes::View at = texts.find(kAsks[i].function);
    const std::size_t end = kAsks[i].function.size();
    if (at.size() > end && at[end] == 0 && !defines(image.file(), kAsks[i].function)) out.asks |= 1U << i;
  }
}

// Whether it may ask: only who loads a library by name or has TLS's words in it is searched for that.
bool loads_tls(const elf::ElfFile& file) {
  constexpr std::array kLibraries{"libssl", "libcrypto", "libgnutls", "libcurl"};
  return std::ranges::any_of(file.needed(), [&](const std::string& one) {
    return std::ranges::any_of(kLibraries, [&](const char* library) { return one.starts_with(library); });
  });
}

std::shared_ptr<const Seen> look(const host::Files& files, const std::string& path, bool roots) {
  auto fd = files.open_file(path);
  if (!fd) return nullptr;
  std::array<std::uint8_t, 20> head{};
  if (::pread(fd->get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return nullptr;
  const auto told = elf::read_head(head);
  if (!told) return nullptr;
  auto out = std::make_shared<Seen>();
  out->machine = told->machine;
  if (struct stat st{}; ::fstat(fd->get(), &st) == 0) out->size = static_cast<std::uint64_t>(st.st_size);
  if (!told->readable) {
    out->trouble = "built for " + told->machine + ", which tlswhy does not read";
    return out;
  }
  auto image = elf::Image::read(std::move(*fd));
  if (!image) {
    out->trouble = image.error().text();
    return out;
  }
  const elf::ElfFile& file = image->file();
  out->shared_object = file.shared_object();
  out->soname = file.soname();
  out->needed = file.needed();
  out->glibc = glibc_need(file);
  out->stacks = stacks::recognise(*image, path);
  for (facts::Stack& stack : out->stacks) stack.path.clear();
  if (roots) out->roots = compiled_roots(*image);
  if (!out->stacks.empty() || loads_tls(file)) note_asks(*image, *out);
  return out;
}

}  // namespace

std::shared_ptr<const Seen> Searches::of(const host::Files& files, const std::string& path) {
  const host::Resolved end = host::resolve(files, path);
  if (end.error != 0 || end.stat.kind != host::Kind::kFile) return nullptr;
  const Id id{end.stat.device, end.stat.inode};
  if (const auto known = seen_.find(id); known != seen_.end()) return known->second;
  return seen_[id] = look(files, end.path, roots_);
}

void Searches::ahead(const host::Files& files, const std::vector<std::string>& paths, const std::function<void(std::size_t)>& step) {
  struct Job {
    Id id;
    std::string path;
    std::shared_ptr<const Seen> seen;
  };
  std::map<Id, Job> by_id;
  for (const std::string& path : paths) {
    const host::Resolved end = host::resolve(files, path);
    const Id id{end.stat.device, end.stat.inode};
    if (end.error == 0 && !seen_.contains(id)) by_id.try_emplace(id, Job{id, end.path, nullptr});
  }
  std::vector<Job> jobs;
  for (auto& [id, job] : by_id) jobs.push_back(std::move(job));
  std::atomic<std::size_t> next = 0;
  const auto work = [&](bool tells) {
    for (std::size_t at = next++; at < jobs.size(); at = next++) {
      if (tells && at % 50 == 0) step(at);
      jobs[at].seen = look(files, jobs[at].path, roots_);
    }
  };
  auto second = std::async(std::launch::async | std::launch::deferred, work, false);
  work(true);
  second.get();
  for (Job& job : jobs) seen_[job.id] = std::move(job.seen);
}

}  // namespace tlswhy::cli
