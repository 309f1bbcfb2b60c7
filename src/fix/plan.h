#pragma once
// What a change comes to on one machine: its edits as states of paths. The same edits are tried on the model and in the caged library.

#include <string>

#include "findings/change.h"
#include "fix/apply.h"

namespace tlswhy::fix {

// For edits of files; kUnsupported for others. What is seen afterwards is part of it: how many anchors OpenSSL's rules find at each place.
base::Result<Plan> plan_for(const Root& root, const std::string& remedy, const findings::Change& change);

// "/etc/ssl/cert.pem: 140 anchors"; kUnsupported for a place without any.
base::Result<std::string> anchors_at(const Root& root, const std::string& path, const host::Credentials& who = {});

}  // namespace tlswhy::fix
