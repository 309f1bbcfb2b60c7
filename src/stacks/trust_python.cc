// Lib/ssl.py: load_default_certs is OpenSSL's default look-up; from 3.13 create_default_context asks for partial chains and
// strict checks too.

#include "stacks/trust.h"

namespace tlswhy::stacks {

Trust python_trust(const Spec& spec, const Eyes& eyes) {
  TrustBuilder builder(eyes);
  builder.openssl_defaults(spec);
  builder.out.partial_chain = Spec::at_least(spec.version, "3.13");
  return std::move(builder.out);
}

}  // namespace tlswhy::stacks
