// CPython by dlopen: one engine binary serves every libpython 3 that is put beside it. The stable ABI's headers
// (PEP 384) give the types; the functions are looked up by name in the library that was loaded.

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include "engine/python_runtime.h"

#include <Python.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <filesystem>
#include <vector>

namespace engine {
namespace {

namespace fs = std::filesystem;

// The part of the C API that is used.
struct Api {
  void (*set_home)(const wchar_t*);  // Py_SetPythonHome: deprecated in 3.11, in the stable ABI all the same
  decltype(&::Py_DecodeLocale) decode;
  decltype(&::Py_InitializeEx) initialize;
  decltype(&::PyImport_AddModule) add_module;
  decltype(&::PyModule_GetDict) module_dict;
  decltype(&::PyDict_SetItemString) set_item;
  decltype(&::PyUnicode_FromStringAndSize) new_text;
  decltype(&::PyLong_FromLong) new_number;
  decltype(&::Py_CompileString) compile;
  decltype(&::PyEval_EvalCode) evaluate;
  decltype(&::PyErr_Print) print_error;
  decltype(&::Py_DecRef) release;
};

// An owned reference.
class PyRef {
 public:
  PyRef(const Api& api, PyObject* object) : api_(api), object_(object) {}
  PyRef(const PyRef&) = delete;
  PyRef& operator=(const PyRef&) = delete;
  ~PyRef() { api_.release(object_); }  // takes null
  [[nodiscard]] PyObject* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  const Api& api_;
  PyObject* object_;
};

template <typename Function>
bool find(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  return out != nullptr;
}

bool find_all(void* library, Api& api) {
  return find(library, "Py_SetPythonHome", api.set_home) && find(library, "Py_DecodeLocale", api.decode) &&
         find(library, "Py_InitializeEx", api.initialize) && find(library, "PyImport_AddModule", api.add_module) &&
         find(library, "PyModule_GetDict", api.module_dict) && find(library, "PyDict_SetItemString", api.set_item) &&
         find(library, "PyUnicode_FromStringAndSize", api.new_text) && find(library, "PyLong_FromLong", api.new_number) &&
         find(library, "Py_CompileString", api.compile) && find(library, "PyEval_EvalCode", api.evaluate) &&
         find(library, "PyErr_Print", api.print_error) && find(library, "Py_DecRef", api.release);
}

fs::path own_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

// The newest "libpython3.*.so*" in the engine's folder.
std::string bundled_python() {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(own_folder(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("libpython3.") && name.find(".so") != std::string::npos) found.push_back(entry.path().string());
  }
  return found.empty() ? "" : *std::ranges::max_element(found);
}

// A bundle brings its standard library in lib/python3.X; without one the interpreter's own default counts.
void set_home(const Api& api) {
  const fs::path folder = own_folder();
  std::error_code ignored;
  if (!fs::is_directory(folder / "lib", ignored)) return;
  for (const auto& entry : fs::directory_iterator(folder / "lib", ignored))
    if (entry.path().filename().string().starts_with("python3."))
      return api.set_home(api.decode(folder.c_str(), nullptr));  // kept by the interpreter for good
}

bool set_text(const Api& api, PyObject* dict, const char* name, const std::string& text) {
  const PyRef value(api, api.new_text(text.data(), static_cast<Py_ssize_t>(text.size())));
  return value && api.set_item(dict, name, value.get()) == 0;
}

std::string run(const Api& api, const Invocation& invocation, int answer_fd) {
  PyObject* dict = api.module_dict(api.add_module("__main__"));  // both borrowed
  const PyRef number(api, api.new_number(answer_fd));
  if (!number || api.set_item(dict, "answer_fd", number.get()) != 0 || !set_text(api, dict, "file", invocation.file) ||
      !set_text(api, dict, "handler", invocation.handler) || !set_text(api, dict, "event", invocation.event))
    return "the arguments can't be given to the interpreter";
  const PyRef code(api, api.compile(kBootstrap, "<bootstrap>", Py_file_input));
  const PyRef result(api, code ? api.evaluate(code.get(), dict, dict) : nullptr);
  if (result) return "";
  api.print_error();
  return "the interpreter can't run the bootstrap";
}

}  // namespace

std::string run_function(const Invocation& invocation, int answer_fd) {
  const std::string path = invocation.python.empty() ? bundled_python() : invocation.python;
  if (path.empty()) return fmt::format("no libpython3 beside {} (--python names one)", own_folder().string());
  // RTLD_GLOBAL: extension modules take the interpreter's symbols from it.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) return fmt::format("can't load {}: {}", path, ::dlerror());
  Api api{};
  if (!find_all(library, api)) return fmt::format("{} is not a Python 3 library", path);
  set_home(api);
  api.initialize(0);  // no signal handlers: signals belong to the engine
  return run(api, invocation, answer_fd);
}

}  // namespace engine
