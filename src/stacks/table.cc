#include <algorithm>
#include <array>
#include <iterator>

#include "stacks/rows.h"
#include "stacks/stack.h"

namespace tlswhy::stacks {
namespace {

// Two that others stand on; programs and runtimes, libraries below them, what counts only alone; packages that no file shows.
constexpr std::array kStacks{&kOpenSsl,
                             &kPython,
                             &kElectron,
                             &kNode,
                             &kBun,
                             &kDeno,
                             &kUv,
                             &kGo,
                             &kJava,
                             &kDotnet,
                             &kCurl,
                             &kGit,
                             &kWget,
                             &kLibcurl,
                             &kLibcurlGnuTls,
                             &kLibpq,
                             &kMariaDb,
                             &kLibrdkafka,
                             &kQt,
                             &kAzureSpeech,
                             &kMysql,
                             &kPerl,
                             &kRuby,
                             &kPhp,
                             &kPyInstaller,
                             &kP11Kit,
                             &kGrpc,
                             &kGrpcCpp,
                             &kRustlsPlatformVerifier,
                             &kRustlsNativeCerts,
                             &kNativeTls,
                             &kS2n,
                             &kGnuTls,
                             &kNss,
                             &kMbedTls,
                             &kWolfSsl,
                             &kLibreSsl,
                             &kWebpkiRoots,
                             &kAwsLc,
                             &kBoringSsl,
                             &kRequests,
                             &kHttpx,
                             &kUrllib3,
                             &kAiohttp,
                             &kTruststore,
                             &kPyOpenSsl,
                             &kCertifi,
                             &kBotocore,
                             &kPip,
                             &kStandalonePython,
                             &kConda};

// Of those that no row has as a knob of its own.
constexpr std::array<std::string_view, 11> kLoading{
    "HOME",       "FAKETIME",   "OPENSSL_CONF", "OPENSSL_MODULES",   "OPENSSL_ENGINES",  "LD_LIBRARY_PATH",
    "LD_PRELOAD", "PYTHONHOME", "PYTHONPATH",   "HTTPLIB2_CA_CERTS", "NIX_SSL_CERT_FILE"};

std::vector<std::string_view> all_variables() {
  std::vector<std::string_view> out(kLoading.begin(), kLoading.end());
  for (const Stack* row : kStacks)
    for (const Knob& knob : row->knobs)
      if (knob.kind == KnobKind::kVariable && std::ranges::count(out, knob.name) == 0) out.push_back(knob.name);
  return out;
}

}  // namespace

std::span<const Stack* const> stacks() { return kStacks; }

const Stack* find_stack(std::string_view id) {
  const auto* row = std::ranges::find(kStacks, id, &Stack::id);
  return row == kStacks.end() ? nullptr : *row;
}

const Stack* row_of(const facts::Stack& stack) {
  if (!stack.model.empty()) return find_stack(stack.model);
  const auto* row = std::ranges::find(kStacks, stack.name, &Stack::title);
  return row == kStacks.end() ? nullptr : *row;
}

bool pins_key(std::span<const std::string> command) {
  const auto pins = [&](const Knob& knob) {
    return knob.holds == Holds::kPin && std::ranges::any_of(command, [&](const std::string& word) {
             return word == knob.name || (word.starts_with(knob.name) && word.substr(knob.name.size()).starts_with('='));
           });
  };
  return std::ranges::any_of(kStacks, [&](const Stack* row) { return std::ranges::any_of(row->knobs, pins); });
}

std::span<const std::string_view> trust_variables() {
  static const std::vector<std::string_view> kVariables = all_variables();
  return kVariables;
}

std::vector<std::string> digests_of(std::span<const x509::Certificate> anchors) {
  constexpr std::size_t kMost = 1'000;
  std::vector<std::string> out;
  for (const x509::Certificate& anchor : anchors.first(std::min(anchors.size(), kMost))) out.push_back(anchor.sha256());
  return out;
}

}  // namespace tlswhy::stacks
