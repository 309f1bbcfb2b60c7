#pragma once
// The scenario's own world: mount and network namespaces (and a user namespace without root) in which /etc,
// /opt, /usr/lib/ssl and /usr/local can be written to without a trace on the machine.

#include <string>

#include "base/result.h"

namespace lab {

inline constexpr const char* kServerName = "speech.origin.test";
inline constexpr const char* kBundle = "/opt/ScriptEngineServerBin/817186";        // as at the origin
inline constexpr const char* kDebianBundle = "/opt/ScriptEngineServerBin/debian";  // with the distribution's libssl
inline constexpr const char* kFunctions = "/opt/functions";
inline constexpr const char* kLab = "/opt/lab";  // keys, chain, anchors

// Moves the calling process into a new world. `scratch` is an existing folder over which its tmpfs is mounted. The
// machine outside is not changed. kDenied with advice when namespaces are not allowed here.
tlswhy::base::Result<void> enter_world(const std::string& scratch);

// Shows `source` (a folder outside) at `target` in the world; what is written there stays in `scratch`.
tlswhy::base::Result<void> show_at(const std::string& source, const std::string& target, const std::string& scratch);

}  // namespace lab
