#pragma once
// A real OpenSSL client and server that talk over memory, their bytes handed to a conversation as they come.

#include "tls/conversation.h"

namespace test {

struct PairOptions {
  int version = 0x0304;                       // the only one both sides speak: 0x0303 or 0x0304
  bool trusted = true;                        // the client has the root
  bool client_answers = true;                 // false: the client stops behind the server's first flight
  std::size_t piece = 0;                      // feed in pieces of this size; 0: as written
  std::string suites = {};                    // OpenSSL's name of the only suite, "" for any
  const tlswhy::tls::KeyLog* keys = nullptr;  // read the records with these
  std::string* secrets = nullptr;             // gets the key log of the client
  std::string preamble = {};                  // clear text that client and server exchange first (a proxy CONNECT)
};

// Runs the handshake and one message each way, as far as it goes.
tlswhy::tls::Conversation converse(const PairOptions& options);

}  // namespace test
