#include "diagnose/trial.h"

#include <optional>

#include "base/socket.h"
#include "prove/hashed_copy.h"

namespace tlswhy::diagnose {

using base::Code;
using base::fail;
using base::Result;
using prove::LibraryAnswer;

namespace {

std::map<std::string, std::string> changed(const facts::Process& process, const facts::Change& change) {
  auto env = process.trust_env;
  // A process with AT_SECURE does not see them; the child that takes its place would.
  if (process.at_secure)
    for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES"}) env.erase(name);
  for (const auto& [name, value] : change.set) env[name] = value;
  for (const std::string& name : change.unset) env.erase(name);
  return env;
}

}  // namespace

template <typename Run>
Result<LibraryAnswer> Trial::under(const facts::Change& change, Run run) const {
  const LiveStack& live = analysis_.stacks[stack_];
  if (!live.place.crypto) return fail(Code::kUnsupported, "OpenSSL is linked into the program: its code can't be run apart from it");
  auto env = changed(live.process->process, change);
  std::optional<prove::HashedCopy> copy;
  if (!change.copy_anchor_from.empty()) {
    if (live.place.own_root) return fail(Code::kUnsupported, "a copy of the store can't be put into the root of the process");
    TRY(made, prove::HashedCopy::make(*live.process->files, change.copy_anchor_from));
    copy.emplace(std::move(made));
    env["SSL_CERT_DIR"] = copy->directory();
  }
  return run(live.place, env);
}

Result<LibraryAnswer> Trial::verify(const facts::Change& change) const {
  std::vector<std::vector<std::uint8_t>> chain;
  for (const x509::Certificate& one : analysis_.handshakes[handshake_].chain) chain.push_back(one.der());
  if (chain.empty()) return fail(Code::kNotFound, "the chain was not seen");
  return under(change, [&](const auto& place, const auto& env) { return prove::verify_in_library(place, chain, env); });
}

Result<LibraryAnswer> Trial::handshake(const facts::Change& change) const {
  const facts::Handshake& shake = analysis_.facts.handshakes[handshake_];
  const base::Endpoint peer = base::parse_endpoint(shake.peer);
  return under(change, [&](const auto& place, const auto& env) -> Result<LibraryAnswer> {
    TRY(socket, base::connect_tcp(peer.address, peer.port, 5000));
    return prove::handshake_in_library(place, std::move(socket), shake.servername, env);
  });
}

}  // namespace tlswhy::diagnose
