// CPython's ssl module has no store of its own: load_default_certs() on Linux is SSL_CTX_set_default_verify_paths() of the OpenSSL below
// (Lib/ssl.py, Modules/_ssl.c, 2.7 to 3.13); from 3.13 create_default_context asks for partial chains and strict checks too.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
namespace {

bool is_version(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
}

// Py_Version of 3.11 and newer: PY_VERSION_HEX, a byte each for major, minor and micro (Include/patchlevel.h).
std::string exported_version(const elf::ElfFile& file) {
  const auto symbol = file.find_symbol("Py_Version");
  const auto offset = symbol ? file.offset_of(symbol->address) : base::fail(base::Code::kNotFound, "no such symbol");
  const auto word = offset ? bytes::slice(file.data(), *offset, 4, "Py_Version") : std::unexpected(offset.error());
  if (!word) return "";
  file.fetch(*word);
  return fmt::format("{}.{}.{}", (*word)[3], (*word)[2], (*word)[1]);
}

// "3.9" out of "libpython3.9.so.1.0"; of a program with the interpreter linked in, what it exports or is called.
std::string version_of(const elf::ElfFile& file, std::string_view path) {
  constexpr std::string_view kSoname = "libpython", kProgram = "python";
  if (std::string version = exported_version(file); !version.empty()) return version;
  if (file.soname().starts_with(kSoname)) {
    const std::string rest = file.soname().substr(kSoname.size());
    return rest.substr(0, rest.find(".so"));
  }
  const std::string_view name = base::base_name(path);
  return name.starts_with(kProgram) && is_version(name.substr(kProgram.size())) ? std::string(name.substr(kProgram.size())) : "";
}

std::optional<facts::Stack> recognise_cpython(const Candidate& candidate) {
  const elf::ElfFile& file = candidate.file;
  if (!file.find_symbol("Py_InitializeFromConfig") && !file.find_symbol("Py_InitializeEx")) return std::nullopt;
  facts::Stack out;
  out.version = version_of(file, candidate.path);
  out.linkage = file.soname().starts_with("libpython") ? "shared" : "static";
  out.path = candidate.path;
  return out;
}

}  // namespace

Trust python_trust(const Spec& spec, TrustBuilder& builder) {
  builder.openssl_defaults(spec);
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  return std::move(builder.out);
}

// python-build-standalone (uv, rye, mise): OPENSSLDIR /etc/ssl, and since March 2026 Red Hat's places when those are absent.
static Trust standalone_python_trust(const Spec& spec, TrustBuilder& builder) {
  Spec own = spec;
  if (!own.own_directory) own.openssldir = "/etc/ssl";
  builder.out = python_trust(own, builder);
  if (builder.as.variable("SSL_CERT_FILE") == nullptr && !builder.reader.is_file("/etc/ssl/cert.pem"))
    builder.openssl_file(own, "/etc/pki/tls/cert.pem", "");
  if (builder.as.variable("SSL_CERT_DIR") == nullptr && !builder.reader.is_directory("/etc/ssl/certs"))
    builder.openssl_directories(own, "/etc/pki/tls/certs", "");
  return std::move(builder.out);
}

// conda's OpenSSL looks below the environment's own prefix (openssl-feedstock, recipe/build.sh).
static Trust conda_trust(const Spec& spec, TrustBuilder& builder) {
  Spec own = spec;
  const std::string* prefix = builder.as.variable_text("CONDA_PREFIX");
  if (!own.own_directory && prefix != nullptr) own.openssldir = *prefix + "/ssl";
  return python_trust(own, builder);
}

Policy python_policy(const Spec& spec) {
  Policy out = openssl_policy(spec, python_level(spec));
  out.strict = Spec::at_least(spec.version, "3.13") && !spec.version.empty();
  return out;
}

static Policy urllib3_policy(const Spec& spec) {
  Policy out = openssl_policy(spec);
  out.names = Names::kAlternativeOnly;  // hostname_checks_common_name, since urllib3 2
  return out;
}

namespace {
constexpr std::array kProgramsOfPython{Program{"/usr/bin/python3", "python3", ""}};
}  // namespace
constinit const Stack kPython{.id = "python",
                              .title = "CPython ssl",
                              .versions = "2.7, 3.6-3.13",
                              .standing = Standing::kChecked,
                              .steered_by = "those of its OpenSSL",
                              .knobs = kOpenSslKnobs,
                              .programs = kProgramsOfPython,
                              .recognise = recognise_cpython,
                              .asks_base = true,
                              .needs_base = true,
                              .module = "_ssl.",
                              .trust = python_trust,
                              .policy = python_policy};

constinit const Stack kUrllib3{.id = "urllib3",
                               .title = "urllib3",
                               .versions = "2.x",
                               .standing = Standing::kChecked,
                               .steered_by = "those of its OpenSSL",
                               .knobs = kOpenSslKnobs,
                               .asks_base = true,
                               .trust = python_trust,
                               .policy = urllib3_policy};

constinit const Stack kAiohttp{.id = "aiohttp",
                               .title = "aiohttp",
                               .versions = "3.x",
                               .standing = Standing::kChecked,
                               .steered_by = "those of its OpenSSL, as it is imported",
                               .knobs = kOpenSslKnobs,
                               .asks_base = true,
                               .trust = python_trust,
                               .policy = openssl_policy};

namespace {
constexpr std::array kMarksOfPyInstaller{Mark{.text = "pyi-runtime-tmpdir", .also = "_MEIPASS"}};
}  // namespace
constinit const Stack kPyInstaller{.id = "pyinstaller",
                                   .title = "PyInstaller",
                                   .versions = "6",
                                   .standing = Standing::kChecked,
                                   .steered_by = "those of the OpenSSL it packs",
                                   .marks = kMarksOfPyInstaller,
                                   .knobs = kOpenSslKnobs,
                                   .asks_base = true,
                                   .trust = python_trust,
                                   .policy = openssl_policy};

constinit const Stack kStandalonePython{.id = "python-build-standalone",
                                        .title = "python-build-standalone",
                                        .versions = "of uv, rye, mise",
                                        .standing = Standing::kModelled,
                                        .steered_by = "those of its OpenSSL",
                                        .knobs = kOpenSslKnobs,
                                        .asks_base = true,
                                        .trust = standalone_python_trust,
                                        .policy = openssl_policy};

namespace {
constexpr std::array kKnobsOfConda{Knob{.name = "SSL_CERT_FILE", .empty_counts = true, .silenced = true},
                                   Knob{.name = "SSL_CERT_DIR", .holds = Holds::kDirectory, .empty_counts = true, .silenced = true},
                                   Knob{.name = "CONDA_PREFIX", .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kConda{.id = "conda",
                             .title = "conda",
                             .standing = Standing::kModelled,
                             .steered_by = "those of its OpenSSL, CONDA_PREFIX",
                             .knobs = kKnobsOfConda,
                             .asks_base = true,
                             .trust = conda_trust,
                             .policy = openssl_policy};

}  // namespace tlswhy::stacks
