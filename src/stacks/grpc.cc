// gRPC: src/core/lib/security/security_connector/ssl_utils.cc and load_system_roots_linux.cc; for Python:
// src/core/lib/security/security_connector/ssl_utils.cc, src/python/grpcio/grpc/_cython/_cygrpc/security.pyx.pxi. The variable's file if it can be
// read, else the roots that the package brings along: never the machine's store.

#include <algorithm>
#include <array>

#include "stacks/policy.h"
#include "stacks/rows.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {
static Trust grpc_trust(const Spec&, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("gRPC does not read it");
  const std::string* path = builder.as.variable_text("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
  if (path != nullptr) builder.add(builder.reader.file(*path, store::Dialect::kOneByOneInMemory), "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
  if (path == nullptr || !builder.out.sources.back().error.empty())
    builder.compiled("the roots that grpcio brings along");
  else if (builder.out.anchors.empty())
    builder.out.refusal = "it finds no anchor in " + *path;
  return std::move(builder.out);
}

namespace {
constexpr std::array kFiles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                            "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"};
constexpr std::array kDirectories{"/etc/ssl/certs", "/system/etc/security/cacerts", "/usr/local/share/certs", "/etc/pki/tls/certs",
                                  "/etc/openssl/certs"};
constexpr auto kDialect = store::Dialect::kOneByOneInMemory;

// The first file that can be read, else the first directory that gives anything: every file in it, joined.
void add_machines(TrustBuilder& builder) {
  const auto* file = std::ranges::find_if(kFiles, [&](const char* one) { return builder.reader.is_file(one); });
  if (file != kFiles.end()) return builder.add(builder.reader.file(*file, kDialect), "");
  for (const char* one : kDirectories) {
    if (!builder.reader.is_directory(one)) continue;
    builder.add(builder.reader.every_file(one, kDialect, true), "");
    if (!builder.out.anchors.empty()) return;
  }
}

}  // namespace

// DefaultSslRootStore::ComputePemRootCerts: the variable's file, else the machine's store.
static Trust grpc_cpp_trust(const Spec&, TrustBuilder& builder) {
  builder.out.openssl_codes = true;
  builder.ignores_openssls("gRPC does not read it");
  const std::string* path = builder.as.variable_text("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
  if (path != nullptr) builder.add(builder.reader.file(*path, kDialect), "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH");
  if (path != nullptr && builder.out.sources.back().error.empty()) return std::move(builder.out);
  const std::string* directory = builder.as.variable_text("GRPC_SYSTEM_SSL_ROOTS_DIR");
  if (directory != nullptr) builder.add(builder.reader.every_file(*directory, kDialect, true), "GRPC_SYSTEM_SSL_ROOTS_DIR");
  if (builder.out.anchors.empty()) add_machines(builder);
  return std::move(builder.out);
}

namespace {
// To 1.51 the names of its variables stand in its files in small letters.
constexpr std::array kMarksOfGrpcCpp{
    Mark{.text = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", .also = "grpc.primary_user_agent", .never = "_cython/_cygrpc/"},
    Mark{.text = "grpc_default_ssl_roots_file_path", .also = "grpc.primary_user_agent", .never = "_cython/_cygrpc/"}};
constexpr std::array kKnobsOfGrpcCpp{Knob{.name = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"},
                                     Knob{.name = "GRPC_SYSTEM_SSL_ROOTS_DIR", .holds = Holds::kDirectory}};
}  // namespace
constinit const Stack kGrpcCpp{.id = "grpc-cpp",
                               .title = "gRPC for C++",
                               .versions = "1.51-1.81",
                               .standing = Standing::kModelled,
                               .steered_by = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, GRPC_SYSTEM_SSL_ROOTS_DIR",
                               .marks = kMarksOfGrpcCpp,
                               .knobs = kKnobsOfGrpcCpp,
                               .trust = grpc_cpp_trust,
                               .policy = boringssl_policy};

namespace {
constexpr std::array kMarksOfGrpc{Mark{.text = "_cython/_cygrpc/", .also = "grpc.primary_user_agent"}};
constexpr std::array kKnobsOfGrpc{Knob{.name = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"}};
}  // namespace
constinit const Stack kGrpc{.id = "grpc",
                            .title = "gRPC",
                            .versions = "of Python",
                            .standing = Standing::kChecked,
                            .steered_by = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                            .marks = kMarksOfGrpc,
                            .knobs = kKnobsOfGrpc,
                            .trust = grpc_trust,
                            .policy = boringssl_policy};

}  // namespace tlswhy::stacks
