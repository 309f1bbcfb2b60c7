#pragma once
// Whether a leaf is for a name, by the rules of one stack (RFC 6125 leaves room). OpenSSL's own are in x509::Terms.

#include <string>

#include "x509/certificate.h"

namespace tlswhy::stacks {

struct NameRules {
  bool part_of_label = false;    // "ba*.example.com"
  bool top_level = false;        // "*.com"
  bool any_label = false;        // "foo.*.example.com"
  bool addresses = true;         // an IP address is looked for among the iPAddress names
  bool address_as_text = false;  // and among the DNS names, as text
  enum class CommonName { kNever, kWithoutDnsNames, kWithoutAnyName } common_name = CommonName::kNever;
};

bool is_for(const x509::Certificate& leaf, const std::string& host, const NameRules& rules);

}  // namespace tlswhy::stacks
