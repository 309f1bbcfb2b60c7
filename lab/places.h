#pragma once
// Where the lab's parts lie: in the source tree beside a build, or installed.

#include <string>

#include "base/result.h"

namespace lab {

struct Places {
  std::string share;          // scenarios, clients, build-origin.sh, build-clients.sh
  std::string data;           // bundles, downloads and compiled clients; made when missing
  std::string tlswhy;         // this program
  std::string engine;         // scriptengine
  std::string server;         // tlswhy-lab-server
  std::string static_client;  // tlswhy-lab-static
};

// Finds them from the place of this program; TLSWHY_LAB_DIR names another data folder. kNotFound with what lacks.
tlswhy::base::Result<Places> find_places();

// Whether they were all made once.
bool has_bundles(const Places& places);

// Makes what is not there, by build-origin.sh and build-clients.sh; they say what they do on stderr.
tlswhy::base::Result<void> build_bundles(const Places& places);

}  // namespace lab
