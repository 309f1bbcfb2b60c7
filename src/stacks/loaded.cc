// What a program was seen to load itself: calls of its TLS library that fill a store.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "facts/named_by.h"
#include "stacks/options.h"
#include "stacks/rows.h"
#include "stacks/stack.h"
#include "store/system_stores.h"

namespace tlswhy::stacks {
namespace {

enum class Loads { kFileAndDirectory, kFile, kDirectory, kDefaults, kCertificates };
struct Call {
  std::string_view name;
  Loads loads;
};
constexpr std::array kCalls{Call{"X509_STORE_load_locations", Loads::kFileAndDirectory},
                            Call{"X509_STORE_load_file_ex", Loads::kFile},
                            Call{"X509_STORE_load_path", Loads::kDirectory},
                            Call{"X509_STORE_set_default_paths", Loads::kDefaults},
                            Call{"X509_STORE_set_default_paths_ex", Loads::kDefaults},
                            Call{"SSL_CTX_set_default_verify_file", Loads::kDefaults},
                            Call{"SSL_CTX_set_default_verify_dir", Loads::kDefaults},
                            Call{"X509_STORE_add_cert", Loads::kCertificates},
                            Call{"gnutls_x509_trust_list_add_trust_file", Loads::kFile},
                            Call{"gnutls_x509_trust_list_add_trust_dir", Loads::kDirectory},
                            Call{"gnutls_x509_trust_list_add_system_trust", Loads::kDefaults},
                            Call{"wolfSSL_CTX_load_verify_locations_ex", Loads::kFileAndDirectory}};

void add(facts::Stack& stack, const facts::TrustCall& call, const char* what, const std::string& path, std::uint64_t anchors = 0) {
  const auto same = [&](const facts::Loaded& one) { return one.path == path && one.what == what; };
  if (std::ranges::none_of(stack.loaded, same)) stack.loaded.push_back({what, path, call.call, anchors});
}

void add_places(facts::Stack& stack, const facts::TrustCall& call, const char* what, const std::string& list) {
  for (const std::string& path : base::split(list, ':'))
    if (!path.empty()) add(stack, call, what, path);
}

// "144 certificates".
std::uint64_t count_in(const std::string& text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

void note_calls(facts::Stack& stack, const std::string& library, std::span<const facts::TrustCall> calls, std::uint64_t filled) {
  bool defaults = false, any = false;
  for (const facts::TrustCall& call : calls) {
    const auto* known = std::ranges::find(kCalls, call.call, &Call::name);
    const bool other = filled != 0 && call.store != 0 && call.store != filled;
    const bool context = call.call.starts_with("SSL_CTX_");  // a call of libssl, which has the library below it fill the store
    if (call.pid != stack.pid || (call.library != library && !context) || known == kCalls.end() || other) continue;
    const auto argument = [&](std::size_t at) { return at < call.arguments.size() ? call.arguments[at] : ""; };
    // A stack with places of its own reads them by its own code, and adds what it read.
    const bool own_code = !stack.base && !is_runtime(stack);
    if (known->loads == Loads::kCertificates && own_code) continue;
    any = true;
    switch (known->loads) {
      case Loads::kDefaults: defaults = true; break;
      case Loads::kFile: add(stack, call, "file", argument(0)); break;
      case Loads::kDirectory: add_places(stack, call, "directory", argument(0)); break;
      case Loads::kFileAndDirectory:
        if (!argument(0).empty()) add(stack, call, "file", argument(0));
        add_places(stack, call, "directory", argument(1));
        break;
      case Loads::kCertificates: add(stack, call, "list", "", count_in(argument(0))); break;
    }
  }
  stack.own_stores = any && !defaults;
}

void note_files(facts::Stack& stack, std::span<const facts::TrustCall> calls, std::span<const facts::Lookup> lookups, const facts::Process& process) {
  // Go: tls.Config.RootCAs of a program's own (crypto/x509/root.go loads the machine's once they are needed).
  constexpr std::string_view kAsksForRoots = "crypto/x509.loadSystemRoots";
  if (row_of(stack) != &kGo || std::ranges::find(calls, kAsksForRoots, &facts::TrustCall::call) != calls.end()) return;
  for (const facts::Lookup& lookup : lookups) {
    const bool opened = lookup.pid == stack.pid && lookup.error.empty() && lookup.call.starts_with("open");
    const facts::NamedBy by = facts::named_by(process, lookup.path);
    if (!opened || !by.speaks_of_trust() || std::ranges::find(stack.loaded, lookup.path, &facts::Loaded::path) != stack.loaded.end()) continue;
    stack.loaded.push_back({"file", lookup.path, lookup.call, 0, by.variable, by.option});
    stack.own_stores = true;
  }
}

void TrustBuilder::only_loaded(const Spec& spec, store::Dialect dialect) {
  if (spec.loaded.empty() && !spec.without_defaults) return;
  std::vector<ReadSource> modelled = std::exchange(out.sources, {});
  out.anchors.clear();
  bool as_modelled = false;
  std::string variable;
  const std::string* instead = named_instead(spec, variable);
  for (const facts::Loaded& one : spec.loaded) {
    if (instead != nullptr && one.what == "file") {
      openssl_path_or_refuse(spec, *instead, variable);
      continue;
    }
    const auto same = std::ranges::find_if(modelled, [&](const ReadSource& each) { return each.path == one.path && each.what == one.what; });
    if (same != modelled.end() && same->status != "ignored") {
      as_modelled = true;
      std::ranges::copy(same->contents, std::back_inserter(out.anchors));
      out.sources.push_back(std::move(*same));
      modelled.erase(same);
    } else {
      add_loaded(spec, one, dialect);
    }
  }
  if (!as_modelled) out.refusal.clear();
  for (ReadSource& source : modelled) {
    if (spec.without_defaults && source.status != "ignored") {
      source.status = "ignored";
      source.detail = "the program loads other stores and does not ask for this one";
    } else {
      std::ranges::copy(source.contents, std::back_inserter(out.anchors));
    }
    out.sources.push_back(std::move(source));
  }
}

// The path that a variable gives a package that loads a bundle of its own without it.
const std::string* TrustBuilder::named_instead(const Spec& spec, std::string& variable) const {
  for (const facts::Knob& knob : spec.instead) {
    if (knob.kind != "variable" || knob.holds == "flag") continue;
    variable = knob.name;
    if (const std::string* path = as.variable_text(knob.name)) return path;
  }
  return nullptr;
}

void TrustBuilder::add_loaded(const Spec& spec, const facts::Loaded& one, store::Dialect dialect) {
  if (one.what == "list") {
    ReadSource source;
    source.kind = "explicit";
    source.what = one.what;
    source.status = "ok";
    source.detail = one.by + ": which certificates was not seen";
    source.anchors = one.anchors;
    out.unseen_anchors = true;
    return out.sources.push_back(std::move(source));
  }
  const bool directory = one.what == "directory";
  const std::string path = named_now(one);
  if (path.empty()) {
    out.unseen_anchors = true;  // what the program does without the variable is not known
    return;
  }
  // A distribution's place that nobody named is built into the program, or into a library between (libcurl).
  const auto places = store::known_system_stores();
  const bool built_in = one.variable.empty() && one.option.empty() && std::ranges::find(places, path, &store::SystemStore::path) != places.end();
  const char* kind = built_in ? "compiled" : "explicit";
  if (out.openssl_codes)
    add_named(directory ? openssl_directory(spec, path) : openssl_bundle(spec, path), kind, one.by);
  else
    add_named(directory ? reader.every_file(path, dialect, true) : reader.file(path, dialect), kind, one.by);
  out.sources.back().variable = one.variable;
}

// The path as the process's setting names it, which may be another one under a change; "" where the setting is gone.
std::string TrustBuilder::named_now(const facts::Loaded& one) const {
  if (!one.variable.empty()) {
    const std::string* path = as.variable_text(one.variable);
    return path != nullptr ? *path : "";
  }
  return one.option.empty() ? one.path : option_value(as, one.option);
}

}  // namespace tlswhy::stacks
