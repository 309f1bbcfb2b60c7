#pragma once
// The rows, and what some stacks have of others.

#include <array>

#include "stacks/policy.h"
#include "stacks/stack.h"

namespace tlswhy::stacks {

// Words of the script: address, port, name.
constexpr std::string_view kShakeInJavaScript =
    "const [address, port, name] = process.argv.slice(-3), tls = require('tls'), net = require('net');"
    "const peer = tls.connect({host: address, port, servername: net.isIP(name) ? '' : name}, () => peer.end());"
    "peer.on('error', () => process.exit(1)); peer.on('close', () => process.exit(0)); setTimeout(() => process.exit(2), 4000);";

extern const Stack kOpenSsl, kPython, kElectron, kNode, kBun, kDeno, kUv, kGo, kJava, kDotnet, kCurl, kGit, kWget, kLibcurl, kLibcurlGnuTls, kLibpq,
    kMariaDb, kLibrdkafka, kQt, kAzureSpeech, kMysql, kPerl, kRuby, kPhp, kPyInstaller, kP11Kit, kGrpc, kGrpcCpp, kRustlsPlatformVerifier,
    kRustlsNativeCerts, kNativeTls, kS2n, kGnuTls, kNss, kMbedTls, kWolfSsl, kLibreSsl, kWebpkiRoots, kAwsLc, kBoringSsl, kRequests, kHttpx, kUrllib3,
    kAiohttp, kTruststore, kPyOpenSsl, kCertifi, kBotocore, kPip, kStandalonePython, kConda;

// Those of OpenSSL's default places.
extern const std::array<Knob, 2> kOpenSslKnobs;

Trust openssl_trust(const Spec& spec, TrustBuilder& builder);
Trust python_trust(const Spec& spec, TrustBuilder& builder);
Trust truststore_trust(const Spec& spec, TrustBuilder& builder);

Policy openssl_policy(const Spec& spec);
Policy openssl_policy(const Spec& spec, int level);  // with this security level
Policy python_policy(const Spec& spec);
int python_level(const Spec& spec);
Policy gnutls_policy(const Spec& spec);
Policy boringssl_policy(const Spec& spec);
Policy webpki_policy(const Spec& spec);

// Whether the file itself holds an OpenSSL.
bool holds_openssl(const Candidate& candidate);

// Whether the file holds an OpenSSL whose functions it does not export.
bool wants_local_symbols(const elf::ElfFile& file, const elf::Texts& texts);

}  // namespace tlswhy::stacks
