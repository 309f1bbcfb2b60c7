// scriptengine: runs a Python function in a forked worker. The supervising process holds no Python and no TLS.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <string>

#include "engine/invoke.h"

int main(int argc, char** argv) {
  try {
    CLI::App app("Runs Python functions in forked, limited workers.", "scriptengine");
    app.require_subcommand(1);
    engine::Invocation invocation;
    CLI::App* invoke = app.add_subcommand("invoke", "run handler(event, context) of FILE and print its result as JSON");
    invoke->add_option("FILE", invocation.file, "the Python file")->required();
    invoke->add_option("--event", invocation.event, "the event, as JSON")->type_name("JSON");
    invoke->add_option("--handler", invocation.handler, "the function's name");
    invoke->add_option("--timeout", invocation.timeout_seconds, "seconds until the worker is killed")->check(CLI::Range(1, 3600));
    invoke->add_option("--python", invocation.python, "libpython to load instead of the one beside this program")->type_name("LIB");
    CLI11_PARSE(app, argc, argv);
    return engine::invoke(invocation);
  } catch (const std::exception& error) {
    fmt::print(stderr, "scriptengine: {}\n", error.what());
    return 3;
  }
}
