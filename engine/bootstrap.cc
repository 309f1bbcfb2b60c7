#include "engine/python_runtime.h"

namespace engine {

// Runs as module __main__ with file, handler, event and answer_fd set. The function's module is found by path,
// its own folder comes first on sys.path, as a script's would.
const char* const kBootstrap = R"python(
import json, os, sys, traceback

def _answer(kind, text):
    data = (kind + text).encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(answer_fd, data):]

class Context:
    """What a function is told of its invocation."""
    def __init__(self, function_name):
        self.function_name = function_name
        self.request_id = os.urandom(8).hex()

def _run():
    path = os.path.abspath(file)
    sys.path.insert(0, os.path.dirname(path))
    sys.argv = [path]
    namespace = {"__name__": "function", "__file__": path}
    with open(path, "rb") as source:
        exec(compile(source.read(), path, "exec"), namespace)
    if not callable(namespace.get(handler)):
        raise AttributeError("%s has no function %r" % (path, handler))
    return json.dumps(namespace[handler](json.loads(event), Context(os.path.basename(path))))

try:
    _text, _kind = _run(), "R"
except BaseException:
    _text, _kind = traceback.format_exc().rstrip(), "X"
sys.stdout.flush()
sys.stderr.flush()
_answer(_kind, _text)
)python";

}  // namespace engine
