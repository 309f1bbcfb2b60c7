#pragma once
// What a library said of a chain or in a handshake.

#include <string>

namespace tlswhy::prove {

struct LibraryAnswer {
  bool ok = false;
  int code = 0;  // X509_V_ERR_*, 0 ok
  int depth = 0;
  std::string text;  // X509_verify_cert_error_string
};

}  // namespace tlswhy::prove
