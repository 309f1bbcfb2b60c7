#pragma once
// What is concluded from facts: findings with their evidence, proof and fixes, and the report that holds them. Field names are the public
// JSON names: add, never rename.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "facts/facts.h"
#include "findings/change.h"
#include "findings/trial.h"

namespace tlswhy::findings {

// One claim with its witness.
struct Evidence {
  std::string text;
  std::string path;     // file concerned, may be empty
  std::string error;    // errno name, may be empty
  std::string witness;  // "trace", "elf", "model", "wire", "probe", "process"
};

struct ProofRun {
  std::string label;
  bool ok = false;
  int code = 0;
  std::string text;
  int depth = 0;
};

// One thing changed, everything else alike.
struct Proof {
  std::string library;
  std::string changed;  // "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
  ProofRun before, after;
  bool flipped = false;
  std::string trouble;  // why no proof could be run, "" if it was
  Means means = Means::kLibrary;
};

struct Fix {
  std::string id;  // "env", "unset", "rehash", …
  std::string title;
  std::string command;
  bool verified = false;
  std::string verified_by;  // "handshake with 127.0.0.1:443", "chain verification"
  Change change = {};       // what the command does, and what was tried
};

struct Finding {
  std::string code;  // "TW101"
  std::string name;  // JSON "class": "compiled_path_mismatch"
  std::string title;
  std::string certainty;  // "proven", "supported", "suspected"
  std::vector<Evidence> evidence;
  std::optional<Proof> proof;
  std::vector<Fix> fixes;
  std::int32_t pid = 0;
  std::vector<std::int64_t> handshakes;  // indices into Facts::handshakes
  Change change;                         // the smallest one under which it would have succeeded
  std::vector<std::string> files = {};   // scanned ones that it is about
};

// One that the user's settings leave out, and why.
struct Ignored {
  Finding finding;
  std::string reason;
};

// A stack that tlswhy knows.
struct KnownStack {
  std::string name;      // as --as takes it
  std::string standing;  // "checked", "modelled", "recognised"
  std::string versions;  // those told apart
  std::string knobs;     // what steers it
};

// A cause that tlswhy knows.
struct Cause {
  std::string code;  // "TW101"
  std::string name;  // JSON "class"
  std::string summary;
  std::string explanation;
};

// A setting with which a program finds a store.
struct Setting {
  std::string format;  // "shell", "systemd", "docker", "kubernetes"; "option": of the command line
  std::string variable, value;
};

// What a remedy does, or did, to one path of a machine.
struct Step {
  std::string action;         // "write", "link", "mode", "directory", "remove"; "run" for a tool of the distribution
  std::string path;           // of "run": the command
  std::string before, after;  // in words: "absent", "a file of 1234 bytes, 0644", "-> /etc/ssl/cert.pem"
};

// A remedy as it would be, or was, carried out.
struct Applied {
  std::string id;      // in the journal; "" for what is not there
  std::string remedy;  // "link"
  std::string state;   // "planned", "interrupted", "applied", "undone", "nothing to do"
  std::string at;      // UTC
  std::string root;    // of the machine: "/", or an unpacked image
  std::vector<Step> steps;
  std::vector<std::string> notes;  // what was left out and why, what else is to be known
  std::string verified;            // what was seen afterwards
};

// A whole report.
struct Report {
  std::string outcome;  // "ok", "failed", "no_tls", "unknown"
  facts::Facts facts;
  std::vector<Finding> findings;
  std::vector<std::string> neighbours;  // what works on the same machine
  std::vector<Trial> trials;            // what was tried, and what came of it
  facts::Kind kind = facts::Kind::kRun;
  std::vector<KnownStack> known_stacks;
  std::vector<Cause> causes;
  std::optional<Setting> setting;
  std::vector<Setting> settings;    // all of them, where a program has several stacks
  std::vector<std::string> advice;  // what would help where no setting does
  std::vector<Applied> applied;     // by `fix`, or what its journal holds
  std::uint64_t took_ms = 0;        // `run`: from the command's end to the report
  std::vector<Ignored> ignored = {};
};

}  // namespace tlswhy::findings
