#include "diagnose/crypto_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "store/openssl_config.h"

namespace tlswhy::diagnose {
namespace {

using facts::CryptoSetting;
using store::ConfigLine;

// Of OpenSSL 3.x; their code is in libcrypto itself (crypto/provider_predefined.c).
constexpr std::array<std::string_view, 3> kBuiltIn{"default", "base", "null"};

bool is_on(std::string_view value) { return value != "0" && value != "no" && value != "false" && value != "off"; }

class Settings {
 public:
  Settings(const facts::Snapshot& process, std::span<const facts::Stack> stacks, const std::vector<facts::Lookup>& lookups)
      : process_(process), lookups_(lookups) {
    for (const facts::Stack& one : stacks) {
      if (one.pid != process.process.pid) continue;
      if (one.base && !one.build.openssldir.empty()) libraries_.push_back(&one);
    }
    // Node's own OpenSSL is set up by a name of its own (NODE_OPENSSL_CONF_NAME).
    if (!libraries_.empty() && libraries_.front()->linkage == "static") names_.emplace_back("nodejs_conf");
    names_.emplace_back("openssl_conf");
  }

  std::vector<CryptoSetting> run() {
    const std::string* named = variable("OPENSSL_CONF");
    std::vector<std::string> paths;
    for (const facts::Lookup& one : lookups_) {
      const bool config = (named != nullptr && one.path == *named) || base::base_name(one.path) == "openssl.cnf";
      if (one.pid != process_.process.pid || !config || !one.call.starts_with("open") || std::ranges::find(paths, one.path) != paths.end()) continue;
      paths.push_back(one.path);
    }
    // A process that was not watched as it started.
    if (paths.empty() && !watched() && named != nullptr) paths.push_back(*named);
    if (paths.empty() && !watched())
      for (const facts::Stack* one : libraries_) paths.push_back(one->build.openssldir + "/openssl.cnf");
    for (const std::string& path : paths) read(path, named != nullptr && path == *named);
    for (const facts::Lookup& one : lookups_)
      if (one.pid == process_.process.pid && one.error.empty() && one.call.starts_with("open")) read_other(one.path);
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool watched() const {
    return std::ranges::any_of(lookups_, [&](const facts::Lookup& one) { return one.pid == process_.process.pid; });
  }
  [[nodiscard]] const std::string* variable(const char* name) const {
    const auto found = process_.process.trust_env.find(name);
    return process_.process.at_secure || found == process_.process.trust_env.end() || found->second.empty() ? nullptr : &found->second;
  }

  CryptoSetting& add(const std::string& file, std::uint32_t line, std::string name, std::string value, std::string problem = "") {
    out_.push_back({process_.process.pid, base::printable(file), line, std::move(name), std::move(value), std::move(problem)});
    return out_.back();
  }

  void read(const std::string& path, bool named) {
    const auto config = store::read_openssl_config(*process_.files, path, process_.who, process_.process.trust_env);
    for (const store::ConfigTrouble& one : config.troubles) {
      const bool itself = one.line == 0 && one.file == base::printable(path);
      if (itself && !named) continue;  // without a configuration at its default place the library does as it was built
      add(one.file, one.line, itself ? "OPENSSL_CONF" : one.fatal ? "syntax" : "include", itself ? path : one.text, one.what);
    }
    // Then nothing of it counts.
    if (std::ranges::any_of(config.troubles, &store::ConfigTrouble::fatal)) return;
    for (const std::string_view name : names_) {
      const ConfigLine* start = config.find("default", name);
      if (start == nullptr) continue;
      if (!config.has_section(start->value)) {
        add(start->file, start->line, start->name, start->value, "there is no such section");
        return;
      }
      return modules(config, start->value);
    }
  }

  // What GnuTLS (its manual, "System-wide configuration of the library") and Java take from files of the same form.
  void read_other(const std::string& path) {
    constexpr std::size_t kMost = 100;
    const bool gnutls = path == "/etc/gnutls/config" || path.ends_with("/back-ends/gnutls.config"), java = base::base_name(path) == "java.security";
    if ((!gnutls && !java) || std::ranges::find(out_, path, &CryptoSetting::file) != out_.end()) return;
    std::size_t left = kMost;
    for (const ConfigLine& one : store::read_openssl_config(*process_.files, path, process_.who, {}).lines)
      if ((gnutls || one.name.ends_with(".disabledAlgorithms")) && left-- > 0) add(one.file, one.line, one.name, one.value);
  }

  void modules(const store::OpenSslConfig& config, const std::string& section) {
    for (const ConfigLine* one : config.section(section)) {
      if (!config.has_section(one->value)) {
        add(one->file, one->line, one->name, one->value, "there is no such section");
        continue;
      }
      if (one->name == "ssl_conf") protocol(config, one->value);
      if (one->name == "providers") providers(config, *one);
      if (one->name == "engines") engines(config, one->value);
      if (one->name == "alg_section" || one->name == "evp_properties")
        for (const ConfigLine* line : config.section(one->value)) add(line->file, line->line, line->name, line->value);
    }
  }

  void protocol(const store::OpenSslConfig& config, const std::string& section) {
    const ConfigLine* name = config.find(section, "system_default");
    if (name == nullptr) return;
    if (!config.has_section(name->value)) add(name->file, name->line, name->name, name->value, "there is no such section");
    for (const ConfigLine* line : config.section(name->value)) add(line->file, line->line, line->name, line->value);
  }

  // Once one is named, the default provider is no longer loaded by itself (README-PROVIDERS.md).
  void providers(const store::OpenSslConfig& config, const ConfigLine& list) {
    bool any = false, has_algorithms = false;
    for (const ConfigLine* one : config.section(list.value)) {
      const ConfigLine* active = config.find(one->value, "activate");
      const bool on = active != nullptr && is_on(active->value);
      const std::string problem = on ? provider_problem(config, *one) : "";
      add(one->file, one->line, "provider", one->name + (on ? "" : " (not activated)"), problem);
      any = any || on;
      has_algorithms = has_algorithms || (on && problem.empty() && one->name != "base" && one->name != "null" && one->name != "legacy");
    }
    if (any && !has_algorithms)
      add(list.file, list.line, list.name, list.value,
          "no provider with the algorithms of TLS is active: the default one has to be named once others are");
  }

  std::string provider_problem(const store::OpenSslConfig& config, const ConfigLine& one) {
    if (!config.has_section(one.value)) return "there is no such section";
    if (std::ranges::find(kBuiltIn, one.name) != kBuiltIn.end()) return "";
    const ConfigLine* module = config.find(one.value, "module");
    const std::string file = module != nullptr ? module->value : one.name + ".so";
    return missing(file, "OPENSSL_MODULES", &facts::Build::modulesdir);
  }

  void engines(const store::OpenSslConfig& config, const std::string& section) {
    for (const ConfigLine* one : config.section(section)) {
      const ConfigLine* path = config.find(one->value, "dynamic_path");
      add(one->file, one->line, "engine", path != nullptr ? path->value : one->name,
          path != nullptr ? missing(path->value, "OPENSSL_ENGINES", &facts::Build::enginesdir) : "");
    }
  }

  // What the process itself met, or what is there: the module's path and the error; "" if it is there, or that can't be told.
  std::string missing(const std::string& file, const char* folder_variable, std::string facts::Build::* folder) {
    for (const facts::Lookup& one : lookups_)
      if (one.pid == process_.process.pid && one.call.starts_with("open") && base::base_name(one.path) == base::base_name(file))
        return one.error.empty() ? "" : fmt::format("{}: {}", one.path, one.error);
    // A library without a file of its own may have it inside.
    if (libraries_.empty() || libraries_.front()->linkage != "shared") return "";
    const std::string* set = variable(folder_variable);
    const std::string path = file.starts_with('/') ? file : (set != nullptr ? *set : libraries_.front()->build.*folder) + "/" + file;
    const host::Resolved end = host::resolve(*process_.files, path, process_.who);
    return end.error == 0 ? "" : fmt::format("{}: {}", base::printable(path), base::errno_name(end.error));
  }

  const facts::Snapshot& process_;
  const std::vector<facts::Lookup>& lookups_;
  std::vector<const facts::Stack*> libraries_;
  std::vector<std::string_view> names_;  // by which the process is set up, the first that is there counts
  std::vector<CryptoSetting> out_;
};

}  // namespace

std::vector<CryptoSetting> crypto_settings(const facts::Snapshot& process, std::span<const facts::Stack> stacks,
                                           const std::vector<facts::Lookup>& lookups) {
  return process.files ? Settings(process, stacks, lookups).run() : std::vector<CryptoSetting>{};
}

}  // namespace tlswhy::diagnose
