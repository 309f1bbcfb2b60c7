// gRPC for Python: src/core/lib/security/security_connector/ssl_utils.cc, src/python/grpcio/grpc/_cython/_cygrpc/security.pyx.pxi.
// The variable's file if it can be read, else the roots that the package brings along: never the machine's store.

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
constexpr std::array kMarksOfGrpc{Mark{.text = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"}};
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
