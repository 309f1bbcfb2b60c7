// gRPC for Python: src/core/lib/security/security_connector/ssl_utils.cc, src/python/grpcio/grpc/_cython/_cygrpc/security.pyx.pxi.
// The variable's file if it can be read, else the roots that the package brings along: never the machine's store.

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust grpc_trust(const Spec&, TrustBuilder& builder) {
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

}  // namespace tlswhy::stacks
