#pragma once
// The remedies, one line each; each is defined in the file named after its id.

#include "fix/remedy.h"

namespace tlswhy::fix {

extern const Remedy kEnv;
extern const Remedy kUnset;
extern const Remedy kRehash;
extern const Remedy kRelink;
extern const Remedy kPermit;
extern const Remedy kBundle;
extern const Remedy kInstall;
extern const Remedy kRestart;
extern const Remedy kClock;
extern const Remedy kObtain;

}  // namespace tlswhy::fix
