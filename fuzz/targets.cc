#include "fuzz/targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "archive/content.h"
#include "archive/pyinstaller.h"
#include "capture/flows.h"
#include "capture/secrets_blocks.h"
#include "elf/accessor.h"
#include "elf/step.h"
#include "findings/json.h"
#include "host/proc_text.h"
#include "loader/loader.h"
#include "observe/go_program.h"
#include "stacks/stack.h"
#include "store/compiled_roots.h"
#include "store/distributions.h"
#include "store/keystore.h"
#include "store/nss_database.h"
#include "store/openssl_config.h"
#include "store/p11_kit.h"
#include "store/pem_bundle.h"
#include "store/pem_dialects.h"
#include "tls/conversation.h"
#include "tls/hello_edit.h"

namespace fuzz {
namespace {

using tlswhy::bytes::View;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view text(View data) { return {reinterpret_cast<const char*>(data.data()), data.size()}; }

// An error has a sentence; a file that parses can be asked anything.
// Symbols are the same whether the file is in memory or read bit by bit.
void elf(View data) {
  const auto file = tlswhy::elf::ElfFile::parse(data);
  if (!file) return require(!file.error().message.empty());
  tlswhy::elf::Parts parts;
  parts.peek = [&](std::uint64_t offset, std::span<std::uint8_t> out) {
    require(offset <= data.size() && out.size() <= data.size() - offset);
    std::ranges::copy(data.subspan(offset, out.size()), out.begin());
    return true;
  };
  const auto peeked = tlswhy::elf::ElfFile::parse(data, true, parts);
  require(peeked.has_value());
  const auto here = file->find_symbol("SSL_connect"), there = peeked->find_symbol("SSL_connect");
  require(here.has_value() == there.has_value() && (!here || here->address == there->address));
  (void)tlswhy::elf::decode_string_accessor(*file, "X509_get_default_cert_file");
  for (const auto& stack : tlswhy::stacks::recognise(*file, "fuzz")) require(!stack.name.empty());
}

// A file that includes itself ends, and each line that counts is found again.
void openssl_config(View data) {
  tlswhy::host::MemoryFiles files;
  files.add_file("/x.cnf", std::string(text(data)));
  const auto config = tlswhy::store::read_openssl_config(files, "/x.cnf", {}, {{"HOME", "/root"}});
  for (const auto& line : config.lines) require(config.find(line.section, line.name) != nullptr && line.line > 0);
  for (const auto& trouble : config.troubles) require(!trouble.what.empty());
}

// Every certificate goes to DER and back.
void pem(View data) {
  const auto bundle = tlswhy::store::read_pem_bundle(data);
  for (const auto& one : bundle.certificates) {
    const auto again = tlswhy::x509::Certificate::parse(one.der());
    require(again && again->sha256() == one.sha256());
    require(again->subject().find('\x1b') == std::string::npos);
    (void)one.names();
    (void)one.subject_hash();
  }
}

// Whatever a stack keeps of it parses again; a stack that gives a damaged file up keeps nothing of it.
void pem_dialects(View data) {
  using enum tlswhy::store::Dialect;
  for (const auto dialect : {kOpenSsl, kOpenSsl111, kBoringSsl, kOneByOne, kOneByOne111, kOneByOneBoringSsl, kOneByOneInMemory, kGnuTls, kGo, kRustls,
                             kWolfSsl, kQt, kP11Kit, kTrustedOnly, kMbedTls}) {
    const auto read = tlswhy::store::read_pem_as(dialect, text(data));
    for (const auto& one : read.certificates) require(tlswhy::x509::Certificate::parse(one.der()).has_value());
    const bool gives_up = dialect == kOpenSsl || dialect == kOpenSsl111 || dialect == kBoringSsl || dialect == kGnuTls;
    require(!gives_up || read.damage.empty() || read.certificates.empty());
  }
}

// A keystore of Java's, with a password that opens nothing.
void keystore(View data) {
  const auto found = tlswhy::store::read_keystore(data, "");
  if (!found) return require(!found.error().message.empty());
  for (const auto& one : *found) require(!one.der().empty());
}

// An SQLite database that may be NSS'.
void nss_database(View data) {
  const auto found = tlswhy::store::read_nss_database(data);
  if (!found) return require(!found.error().message.empty());
  for (const auto& one : found->anchors) require(!one.der().empty());
}

// The first byte says how much of it is the window.
void compiled_roots(View data) {
  tlswhy::store::CompiledRoots found;
  tlswhy::store::find_compiled_roots(data, data.empty() ? 0 : data.size() * data[0] / 255, found);
  for (const auto& [digest, one] : found.certificates) require(one.is_ca() && one.sha256() == digest);
  require(found.subjects().size() <= found.certificates.size() + found.names.size());
}

// A file of p11-kit's trust module.
void p11_kit(View data) {
  for (const bool anchor : {true, false}) {
    const auto found = tlswhy::store::read_p11_file(data, anchor);
    for (const auto* all : {&found.anchors, &found.distrusted, &found.others})
      for (const auto& one : *all) require(!one.der().empty());
  }
}

// The distribution of an os-release file.
void os_release(View data) {
  tlswhy::host::MemoryFiles files;
  files.add_file("/etc/os-release", std::string(text(data)));
  const auto* found = tlswhy::store::distribution_of(files);
  require(found == nullptr || !found->name.empty());
}

// The first byte of each record says who sends and how much.
void tls(View data) {
  tlswhy::tls::Conversation seen;
  while (data.size() > 1) {
    const auto side = (data[0] & 1) != 0 ? tlswhy::tls::Side::kServer : tlswhy::tls::Side::kClient;
    const std::size_t size = std::min<std::size_t>(data.size() - 1, std::size_t{data[0]} * 8);
    seen.feed(side, data.subspan(1, size));
    data = data.subspan(1 + size);
  }
  if (seen.alert() && seen.alert()->encrypted) require(seen.alert()->code == 0);
  (void)seen.completed();
  if (const auto clear = seen.clear_answer()) require(clear->text.size() <= 4 * 160 + 16 && !seen.server_hello());
  if (!seen.hello_message().empty())
    for (const auto part : {tlswhy::tls::HelloPart::kLarge, tlswhy::tls::HelloPart::kServerName, tlswhy::tls::HelloPart::kAlpn})
      if (const auto smaller = tlswhy::tls::without(seen.hello_message(), part)) require(tlswhy::tls::starts_client_hello(*smaller));
  require(seen.hello_size() == 0 || seen.client_hello().has_value());
}

void proc(View data) {
  for (const auto& file : tlswhy::host::parse_maps(text(data))) require(file.path.starts_with('/'));
  (void)tlswhy::host::parse_environ(text(data));
  (void)tlswhy::host::parse_cmdline(text(data));
  (void)tlswhy::host::parse_at_secure(text(data));
  (void)tlswhy::host::parse_status(text(data));
  (void)tlswhy::host::parse_stat_field(text(data), 22);
}

// What reads back writes the same again.
void json(View data) {
  const auto report = tlswhy::findings::from_json(text(data));
  if (!report) return require(!report.error().message.empty());
  const std::string once = tlswhy::findings::to_json(*report);
  const auto again = tlswhy::findings::from_json(once);
  require(again && tlswhy::findings::to_json(*again) == once);
}

void loader_cache(View data) {
  tlswhy::host::MemoryFiles files;
  files.add_file("/etc/ld.so.cache", std::string(text(data)));
  (void)tlswhy::loader::read_cache(files);
}

// Whatever it brings stays within its tree, and what was left out is told in words.
void archive(View data) {
  const tlswhy::archive::Limits limits{
      .entries = 1000, .kept = 4U << 20, .file = 1U << 20, .least = 8U << 20, .ratio = 50, .unpacked = 64U << 20, .depth = 3};
  const auto content = tlswhy::archive::read_archive(data, limits);
  if (!content) return require(!content.error().message.empty());
  require(!content->parts.empty());
  for (const auto& note : content->notes) require(!note.empty() && std::ranges::all_of(note, [](char c) { return c < 0 || c >= ' '; }));
  for (const auto& part : content->parts)
    for (const auto& [path, node] : part.tree->nodes()) {
      require(path.starts_with('/') && !path.contains("/../") && !path.ends_with("/.."));
      const auto end = tlswhy::host::resolve(*part.tree, path);
      require(end.error != 0 || end.path.starts_with('/'));
      if (node.content) require(part.tree->read(path, 1U << 20).has_value());
    }
}

// The table of a one-file program leads nowhere but into the file.
void pyinstaller(View data) {
  const tlswhy::base::UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  require(::write(fd.get(), data.data(), data.size()) == static_cast<ssize_t>(data.size()));
  const auto rows = tlswhy::archive::read_py_table(fd.get(), data.size());
  if (!rows || !*rows) return;
  for (const auto& row : **rows) require(row.offset <= data.size() && row.packed <= data.size() - row.offset);
  const tlswhy::archive::Limits limits{
      .entries = 1000, .kept = 4U << 20, .file = 1U << 20, .least = 8U << 20, .ratio = 50, .unpacked = 64U << 20, .depth = 3};
  const auto content = tlswhy::archive::read_pyinstaller(fd.get(), limits);
  if (!content || !*content) return;
  for (const auto& [path, node] : (*content)->parts.front().tree->nodes()) require(path.starts_with('/') && !path.contains("/../"));
}

// The first byte chooses the link type; each frame stands behind its length in two bytes.
void capture(View data) {
  constexpr std::array kLinkTypes{1, 113, 276, 0, 108, 12, 228, 229};
  if (data.empty()) return;
  const int link_type = kLinkTypes[data[0] % kLinkTypes.size()];
  data = data.subspan(1);
  tlswhy::tls::KeyLog keys;
  keys.add("CLIENT_RANDOM " + std::string(64, '0') + ' ' + std::string(96, '1') + "\n");
  std::uint64_t told = 0;
  tlswhy::capture::Flows flows(
      [&](const tlswhy::capture::SeenHandshake& seen) {
        require(seen.conversation->is_tls());
        ++told;
      },
      &keys);
  while (data.size() > 2) {
    const std::size_t size = std::min<std::size_t>(data.size() - 2, std::size_t{data[0]} << 8 | data[1]);
    flows.frame(link_type, data.subspan(2, size));
    data = data.subspan(2 + size);
  }
  flows.finish();
  require(told <= flows.packets());
}

// In pieces or at once: the same secrets.
void keylog(View data) {
  tlswhy::tls::KeyLog whole, pieces;
  whole.add(text(data));
  for (std::size_t at = 0; at < data.size(); at += 7) pieces.add(text(data.subspan(at, std::min<std::size_t>(7, data.size() - at))));
  require(whole.size() == pieces.size());
}

void pcapng(View data) {
  tlswhy::tls::KeyLog whole, pieces;
  tlswhy::capture::SecretsBlocks(whole).feed(data);
  tlswhy::capture::SecretsBlocks follower(pieces);
  for (std::size_t at = 0; at < data.size(); at += 5) follower.feed(data.subspan(at, std::min<std::size_t>(5, data.size() - at)));
  require(whole.size() == pieces.size());
}

void pclntab(View data) {
  const auto program = tlswhy::observe::GoProgram::parse(data, 0x401000);
  if (!program) return require(!program.error().message.empty());
  // An interface value that points into the same hostile bytes.
  const auto read = [&](std::uint64_t address, std::size_t size) -> tlswhy::base::Result<std::vector<std::uint8_t>> {
    const auto part = tlswhy::bytes::slice(data, address, size, "fuzz");
    if (!part) return std::unexpected(part.error());
    return std::vector<std::uint8_t>(part->begin(), part->end());
  };
  (void)program->describe_error(0, 8, 0, read);
}

void x86(View data) {
  const auto step = tlswhy::elf::decode_step(data);
  require(step.size <= 15 && step.size <= data.size());
}

constexpr std::array kTargets{Target{"elf", elf},
                              Target{"archive", archive},
                              Target{"pyinstaller", pyinstaller},
                              Target{"pem", pem},
                              Target{"pem_dialects", pem_dialects},
                              Target{"keystore", keystore},
                              Target{"nss_database", nss_database},
                              Target{"openssl_config", openssl_config},
                              Target{"compiled_roots", compiled_roots},
                              Target{"os_release", os_release},
                              Target{"p11_kit", p11_kit},
                              Target{"tls", tls},
                              Target{"proc", proc},
                              Target{"json", json},
                              Target{"loader_cache", loader_cache},
                              Target{"capture", capture},
                              Target{"keylog", keylog},
                              Target{"pcapng", pcapng},
                              Target{"pclntab", pclntab},
                              Target{"x86", x86}};

}  // namespace

std::span<const Target> targets() { return kTargets; }

}  // namespace fuzz
