#pragma once
// One invocation of one function.

#include <string>

namespace engine {

struct Invocation {
  std::string file;
  std::string event = "{}";  // JSON
  std::string handler = "handler";
  int timeout_seconds = 30;
  std::string python;  // path of libpython; "" for the one in the engine's own folder
};

// Runs it in a forked worker. Prints the result as one line of JSON on stdout and returns 0; prints
// "py throw ex: Traceback …" on stderr and returns 1 when the function raises; returns 3 with a sentence on
// stderr when the worker could not run it: no interpreter, time limit, killed by a signal.
int invoke(const Invocation& invocation);

}  // namespace engine
