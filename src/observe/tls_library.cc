#include "observe/tls_library.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.h"
#include "elf/accessor.h"
#include "elf/elf_file.h"

namespace tlswhy::observe {

using base::Result;

namespace {

// A file as the process has it: by its name in its root, or by its mapping when the name is gone.
base::UniqueFd open_mapped(pid_t pid, const host::MappedFile& file, bool is_program) {
  const std::string named = is_program ? fmt::format("/proc/{}/exe", pid) : fmt::format("/proc/{}/root{}", pid, file.path);
  base::UniqueFd fd(::open(named.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.valid() && !file.deleted) return fd;
  return base::UniqueFd(::open(fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, file.start, file.end).c_str(), O_RDONLY | O_CLOEXEC));
}

std::optional<std::uint32_t> field(const elf::ElfFile& file, const elf::Symbol& getter) {
  const auto offset = elf::decode_field_getter(file, getter);
  return offset ? std::optional(*offset) : std::nullopt;
}

// As above, of a getter that passes the address of its field on.
std::optional<std::uint32_t> inner_field(const elf::ElfFile& file, const elf::Symbol& getter) {
  const auto offset = elf::decode_inner_field(file, getter);
  return offset ? std::optional(*offset) : std::nullopt;
}

void find_fields(const elf::ElfFile& file, VerifyFields& out) {
  const std::pair<std::string_view, std::optional<std::uint32_t>*> wanted[] = {
      {"X509_STORE_CTX_get_error", &out.error},          {"X509_STORE_CTX_get_error_depth", &out.depth}, {"X509_STORE_CTX_get0_store", &out.store},
      {"X509_STORE_CTX_get0_untrusted", &out.untrusted}, {"X509_STORE_CTX_get0_cert", &out.certificate}, {"X509_STORE_CTX_get_ex_data", &out.ex_data},
      {"X509_STORE_get0_objects", &out.objects}};
  std::vector<std::string_view> names;
  for (const auto& [name, slot] : wanted) names.push_back(name);
  const auto symbols = file.find_symbols(names);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (symbols[i]) *wanted[i].second = wanted[i].second == &out.ex_data ? inner_field(file, *symbols[i]) : field(file, *symbols[i]);
}

void add_functions(const elf::ElfFile& file, TlsLibrary& out) {
  std::vector<std::string_view> names;
  for (const TlsFunction& function : tls_functions()) names.push_back(function.symbol);
  // BoringSSL's and AWS-LC's FIPS modules compare their code in memory with a hash (crypto/fipsmodule/bcm.c).
  names.emplace_back("BORINGSSL_bcm_text_hash");
  const auto symbols = file.find_symbols(names);
  out.checks_itself = symbols.back().has_value();
  const auto has = [&](std::string_view name) {
    const auto at = std::ranges::find(names, name);
    return at != names.end() && symbols[static_cast<std::size_t>(at - names.begin())].has_value();
  };
  for (std::size_t i = 0; i < tls_functions().size(); ++i) {
    const TlsFunction& function = tls_functions()[i];
    if (!symbols[i] || (!function.unless.empty() && has(function.unless))) continue;
    out.entries.push_back({&function, symbols[i]->address});
    out.family = function.family;
  }
}

// Told how far read() is: what is known before the functions are, and then each time that something is looked up.
struct Progress {
  std::function<void(const TlsLibrary&)> parsed = [](const TlsLibrary&) {};
  std::function<void()> peeked = [] {};
};

Result<std::unique_ptr<TlsLibrary>> read(base::UniqueFd fd, const std::string& path, bool is_program, const Progress& progress = {}) {
  TRY(image, elf::SparseImage::read(fd.get(), false));
  elf::Parts parts = image.parts();
  parts.peek = [&](std::uint64_t offset, std::span<std::uint8_t> out) {
    progress.peeked();
    return image.peek(offset, out);
  };
  TRY(file, elf::ElfFile::parse(image.view(), false, parts));
  auto out = std::make_unique<TlsLibrary>();
  out->path = path;
  out->first_address = file.first_address();
  out->needs_glibc = std::ranges::find(file.needed(), "libc.so.6") != file.needed().end();
  progress.parsed(*out);
  add_functions(file, *out);
  // A Go program that may load plugins exports its functions as well (rclone).
  if ((out->entries.empty() || out->family == Family::kGo) && is_program)
    if (auto go = GoProgram::read(image)) {
      out->entries.clear();
      for (const TlsFunction& function : tls_functions())
        if (const auto address = go->function(function.symbol)) out->entries.push_back({&function, *address});
      out->family = Family::kGo;
      out->go = std::move(*go);
    }
  if (!out->entries.empty() && out->family == Family::kOpenSsl) {
    out->file = std::move(fd);
    out->image.emplace(std::move(image));
  }
  return out;
}

Result<VerifyFields> read_fields(elf::SparseImage& image) {
  VerifyFields out;
  TRY(file, elf::ElfFile::parse(image.view(), false, image.parts()));
  find_fields(file, out);
  return out;
}

}  // namespace

const VerifyFields& TlsLibrary::fields() const {
  if (!fields_) fields_ = image ? read_fields(*image).value_or(VerifyFields{}) : VerifyFields{};
  return *fields_;
}

TlsLibraries::Identity TlsLibraries::identity(pid_t pid) {
  struct stat st{};
  if (::stat(fmt::format("/proc/{}/exe", pid).c_str(), &st) != 0) return {};
  return {st.st_dev, st.st_ino};
}

bool TlsLibraries::program_without(pid_t pid) const { return without_.contains(identity(pid)); }

void TlsLibraries::expect(const std::string& path, const std::function<void()>& between) {
  constexpr unsigned kSeldom = 3;
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat st{};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) return;
  const auto parsed = [&](const TlsLibrary& known) {
    expects_glibc_ = known.needs_glibc;
    between();
  };
  const auto peeked = [&, times = 0U]() mutable {
    if (++times % kSeldom == 0) between();
  };
  const Identity self{st.st_dev, st.st_ino};
  auto library = read(std::move(fd), path, true, {parsed, peeked});
  if (library && !(*library)->entries.empty())
    expected_ = {self, std::move(*library)};
  else
    without_.insert(self);
}

const TlsLibrary* TlsLibraries::get(pid_t pid, const host::MappedFile& file, bool is_program) {
  const auto [entry, fresh] = known_.try_emplace({file.inode, file.path});
  if (fresh && is_program && expected_.second && expected_.first == identity(pid)) {
    entry->second = std::move(expected_.second);
    entry->second->path = file.path;
  } else if (fresh) {
    base::UniqueFd fd = open_mapped(pid, file, is_program);
    if (auto library = fd.valid() ? read(std::move(fd), file.path, is_program) : base::fail(base::Code::kNotFound, "gone");
        library && !(*library)->entries.empty())
      entry->second = std::move(*library);
  }
  if (is_program && !entry->second) without_.insert(identity(pid));
  return entry->second.get();
}

}  // namespace tlswhy::observe
