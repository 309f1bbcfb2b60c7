#pragma once
// From a recording to facts: recognises the stacks, resolves what each would read, gets the chains, finds the
// anchor that each needs and where it is.

#include <memory>
#include <string>
#include <vector>

#include "facts/facts.h"
#include "facts/recording.h"
#include "prove/library_run.h"
#include "store/anchor_reader.h"
#include "x509/certificate.h"

namespace tlswhy::diagnose {

// What proofs need of a stack beside its facts.
struct LiveStack {
  std::shared_ptr<const facts::Snapshot> process;
  prove::LibraryPlace place;  // empty bytes for a statically linked stack
};

// A handshake's chain as certificates; its facts are in Facts::handshakes under the same index.
struct LiveHandshake {
  std::vector<x509::Certificate> chain;    // leaf first
  const x509::Certificate* top = nullptr;  // the last one before the anchor
  std::int64_t time = 0;                   // of a capture: when it was, seconds since 1970; 0: now
};

struct Analysis {
  facts::Facts facts;
  std::vector<LiveStack> stacks;          // parallel to facts.stacks
  std::vector<LiveHandshake> handshakes;  // parallel to facts.handshakes
};

struct AnalyseOptions {
  bool probe = true;
  bool everything = false;  // stores and libraries even when nothing failed
  std::string store;        // offered bundle, "" for none
};

Analysis analyse(facts::Recording recording, const AnalyseOptions& options);

// The last certificate on the way up from the leaf: the one whose issuer must be an anchor, or a self-issued
// one that must be an anchor itself. Null for an empty chain.
const x509::Certificate* top_of(const std::vector<x509::Certificate>& chain);

// Our own verdict on a leaf that is not for the name that was asked for.
facts::Verify hostname_mismatch();

// Readable copies. `top`: the end of a chain whose anchor may be in the store, null for none.
facts::AnchorPlace describe_place(const store::AnchorSet& store, const x509::Certificate* top);
facts::Certificate describe(const x509::Certificate& certificate);

}  // namespace tlswhy::diagnose
