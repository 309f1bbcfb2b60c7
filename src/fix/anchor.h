#pragma once
// Trust anchors are added where a distribution takes local ones, by its own tool, and to stores that do not follow it; and taken out again.

#include <string>
#include <vector>

#include "fix/apply.h"
#include "x509/certificate.h"

namespace tlswhy::fix {

struct AnchorRequest {
  std::string file;                   // the certificate: PEM or DER, one in it
  std::vector<std::string> stores;    // others than the system's: PEM bundles (certifi's), Java keystores, folders of NSS databases
  std::string password = "changeit";  // of the keystores: Java's own
  bool system = true;
  bool remove = false;
};

// The one certificate of a file; kUnsupported for more, kMalformed for none.
base::Result<x509::Certificate> certificate_in(const Root& root, const std::string& file);

// kUnsupported where the distribution is unknown or takes anchors by its configuration alone.
base::Result<Plan> plan_anchor(const Root& root, const AnchorRequest& request);

}  // namespace tlswhy::fix
