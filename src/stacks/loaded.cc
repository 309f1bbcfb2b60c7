// What a program was seen to load itself: calls of its TLS library that name a file or a directory.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "stacks/stack.h"

namespace tlswhy::stacks {
namespace {

enum class Loads { kFileAndDirectory, kFile, kDirectory, kDefaults };
struct Call {
  std::string_view name;
  Loads loads;
};
constexpr std::array kCalls{Call{"X509_STORE_load_locations", Loads::kFileAndDirectory},
                            Call{"X509_STORE_load_file_ex", Loads::kFile},
                            Call{"X509_STORE_load_path", Loads::kDirectory},
                            Call{"X509_STORE_set_default_paths", Loads::kDefaults},
                            Call{"X509_STORE_set_default_paths_ex", Loads::kDefaults},
                            Call{"gnutls_x509_trust_list_add_trust_file", Loads::kFile},
                            Call{"gnutls_x509_trust_list_add_trust_dir", Loads::kDirectory},
                            Call{"gnutls_x509_trust_list_add_system_trust", Loads::kDefaults},
                            Call{"wolfSSL_CTX_load_verify_locations_ex", Loads::kFileAndDirectory}};

void add(facts::Stack& stack, const facts::TrustCall& call, bool directory, const std::string& path) {
  const char* what = directory ? "directory" : "file";
  const bool known = std::ranges::any_of(stack.sources, [&](const facts::Source& one) { return one.path == path && one.what == what; });
  if (path.empty() || known) return;
  facts::Source source;
  source.kind = "explicit";
  source.what = what;
  source.path = path;
  source.detail = call.call;
  stack.sources.push_back(std::move(source));
}

}  // namespace

void note_calls(facts::Stack& stack, std::span<const facts::TrustCall> calls) {
  bool defaults = false;
  for (const facts::TrustCall& call : calls) {
    const auto* known = std::ranges::find(kCalls, call.call, &Call::name);
    if (call.pid != stack.pid || call.library != stack.path || known == kCalls.end()) continue;
    defaults = defaults || known->loads == Loads::kDefaults;
    const auto argument = [&](std::size_t at) { return at < call.arguments.size() ? call.arguments[at] : ""; };
    if (known->loads == Loads::kFile || known->loads == Loads::kFileAndDirectory) add(stack, call, false, argument(0));
    if (known->loads == Loads::kDirectory) add(stack, call, true, argument(0));
    if (known->loads != Loads::kFileAndDirectory) continue;
    for (const std::string& path : base::split(argument(1), ':')) add(stack, call, true, path);
  }
  stack.own_stores = !defaults && !stack.sources.empty();
}

}  // namespace tlswhy::stacks
