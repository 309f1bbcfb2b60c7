#include "diagnose/client_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/outcome.h"
#include "x509/key_pair.h"

namespace tlswhy::diagnose {
namespace {

constexpr std::uint64_t kMaxFile = 256U << 10;

class KeyFiles {
 public:
  KeyFiles(const facts::Snapshot& process, const facts::Facts& facts) : process_(process), facts_(facts) {}

  // What is wrong, "" where that can't be told. `call`: the one that failed.
  std::string look(const facts::TrustCall& call) {
    std::string certificate, key;
    for (const facts::TrustCall& each : facts_.trust_calls) {
      if (each.pid != call.pid || !facts::loads_own_key(each) || each.order > call.order) continue;
      if (each.arguments.size() > 1) certificate = each.arguments[0], key = each.arguments[1];
      if (each.arguments.size() == 1) (each.call.find("PrivateKey") != std::string::npos ? key : certificate) = each.arguments[0];
    }
    // A program may read the files itself.
    if (key.empty()) key = opened_with("PRIVATE KEY-----");
    if (certificate.empty()) certificate = opened_with("BEGIN CERTIFICATE-----");
    return key.empty() || certificate.empty() ? "" : compare(absolute(certificate), absolute(key));
  }

 private:
  // As the process looked it up.
  [[nodiscard]] std::string absolute(const std::string& path) const {
    if (path.starts_with('/')) return path;
    for (const facts::Lookup& one : facts_.lookups)
      if (one.pid == process_.process.pid && one.path.ends_with("/" + path)) return one.path;
    return path;
  }

  // The only file that the process opened with that in it.
  [[nodiscard]] std::string opened_with(std::string_view text) const {
    std::string out;
    for (const facts::Lookup& one : facts_.lookups) {
      if (one.pid != process_.process.pid || !one.error.empty() || !one.call.starts_with("open") || one.path == out) continue;
      const auto bytes = host::read_following(*process_.files, one.path, kMaxFile);
      if (!bytes || std::search(bytes->begin(), bytes->end(), text.begin(), text.end()) == bytes->end()) continue;
      if (!out.empty()) return "";
      out = one.path;
    }
    return out;
  }

  [[nodiscard]] std::string compare(const std::string& certificate, const std::string& key) const {
    const auto first = host::read_following(*process_.files, certificate, kMaxFile, process_.who);
    const auto second = host::read_following(*process_.files, key, kMaxFile, process_.who);
    if (!first) return fmt::format("{} can't be read: {}", certificate, base::errno_name(first.error().sys_errno));
    if (!second) return fmt::format("{} can't be read: {}", key, base::errno_name(second.error().sys_errno));
    switch (x509::compare_key(*first, *second)) {
      case x509::KeyPair::kDiffer: return fmt::format("the key in {} is not that of the certificate in {}", key, certificate);
      case x509::KeyPair::kNoKey: return fmt::format("{} holds no private key that can be read", key);
      case x509::KeyPair::kEncryptedKey: return fmt::format("the key in {} is encrypted, and no password opened it", key);
      case x509::KeyPair::kNoCertificate: return fmt::format("{} holds no certificate that can be read", certificate);
      default: return "";
    }
  }

  const facts::Snapshot& process_;
  const facts::Facts& facts_;
};

}  // namespace

void look_at_keys(const facts::Snapshot& process, facts::Facts& facts) {
  if (!process.files) return;
  for (const facts::TrustCall& call : facts.trust_calls) {
    if (call.pid != process.process.pid || !facts::loads_own_key(call) || call.result.value_or(1) > 0) continue;
    if (std::string problem = KeyFiles(process, facts).look(call); !problem.empty())
      return facts.crypto_settings.push_back({process.process.pid, "", 0, facts::kPrivateKey, call.call, std::move(problem)});
  }
}

}  // namespace tlswhy::diagnose
