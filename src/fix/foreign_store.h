#pragma once
// Stores that do not follow the distribution's: a bundle in PEM (certifi's), a Java keystore, an NSS database. Their own tools work on a copy, which
// then takes the place of the store as one file.

#include <string>

#include "fix/apply.h"
#include "x509/certificate.h"

namespace tlswhy::fix {

struct ForeignStore {
  std::string password = {};  // of a keystore
  bool remove = false;
  std::string name = "anchor";  // by which the store lists the certificate
};

// Adds the new state of the store to the plan; nothing when the certificate is there already. kNotFound where the tool is missing.
base::Result<void> plan_foreign_store(const Root& root, const std::string& path, const x509::Certificate& certificate, const ForeignStore& how,
                                      Plan& plan);

}  // namespace tlswhy::fix
