#pragma once
// Fills a world: certificates, the system store, the scenario's files, the servers.

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "lab/places.h"
#include "lab/scenario.h"

namespace lab {

using Environment = std::map<std::string, std::string>;

// Servers that run as long as the object lives: TLS on 443 and clear text on 80 of 127.0.0.1.
class Servers {
 public:
  Servers() = default;
  Servers(Servers&& other) noexcept : pids_(std::move(other.pids_)) { other.pids_.clear(); }
  Servers& operator=(Servers&&) = delete;
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;
  ~Servers();
  // Starts one and waits until it listens.
  tlswhy::base::Result<void> start(const std::vector<std::string>& argv);

 private:
  std::vector<pid_t> pids_;
};

// Everything that the scenario asks for, in the world that the caller is in, with the server speaking `tls`.
tlswhy::base::Result<Servers> prepare(const Scenario& scenario, const Places& places, const std::string& tls);

// Replaces {bundle}, {clients}, {debian}, {functions}, {host}, {lab}, {static} and {tlswhy} in a text of a scenario.
std::string expand(std::string text, const Places& places);
std::vector<std::string> expand_all(std::vector<std::string> words, const Places& places);

// The environment of every command: nothing of the caller's but TERM, no trust variable, and `more`.
Environment clean_environment(const Environment& more, const Places& places);

// Runs a command with that environment, as `user` ("" unchanged), its output to `output` and no input ("" all inherited). Returns the
// status as a shell has it.
tlswhy::base::Result<int> run(const std::vector<std::string>& argv, const Environment& env, const std::string& user, const std::string& output);

}  // namespace lab
