#pragma once
// The interpreter behind one interface. Only python_runtime.cc sees Python.h.

#include <string>

#include "engine/invoke.h"

namespace engine {

// Loads libpython into this process, runs the function, and writes the answer to `answer_fd`: 'R' and the result
// as JSON, or 'X' and the traceback. Returns "" when an answer was written, else the reason in a sentence.
// To be called once per process, in a worker.
std::string run_function(const Invocation& invocation, int answer_fd);

// The Python code that finds, calls and answers (engine/bootstrap.cc).
extern const char* const kBootstrap;

}  // namespace engine
