#include "base/late_library.h"

#include <dlfcn.h>

namespace tlswhy::base {

LateLibrary::LateLibrary(const char* soname) : handle_(::dlopen(soname, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) missing_ = ::dlerror();
}

LateLibrary::~LateLibrary() {
  if (handle_ != nullptr) ::dlclose(handle_);
}

Result<void> LateLibrary::check() const {
  if (!missing_.empty()) return fail(Code::kSystem, missing_);
  return {};
}

void* LateLibrary::address(const char* name) {
  if (handle_ == nullptr) return nullptr;
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) missing_ = ::dlerror();
  return found;
}

}  // namespace tlswhy::base
