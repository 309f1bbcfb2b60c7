#pragma once
// A shared library that most runs do without, loaded where it is first needed: mapping and relocating it takes up to a
// millisecond of every start, and makes every fork dearer (dlopen(3)). What it offers is called through the types that its
// header declares.

#include <string>

#include "base/result.h"

namespace tlswhy::base {

class LateLibrary {
 public:
  // Loads `soname` by the loader's rules.
  explicit LateLibrary(const char* soname);
  LateLibrary(LateLibrary&&) = delete;
  LateLibrary(const LateLibrary&) = delete;
  LateLibrary& operator=(const LateLibrary&) = delete;
  LateLibrary& operator=(LateLibrary&&) = delete;
  ~LateLibrary();

  // kSystem with the loader's words when the library, or one of the functions asked for, is not there.
  [[nodiscard]] Result<void> check() const;
  // The function `name`, of the type `F`; nullptr without it.
  template <typename F>
  F* function(const char* name) {
    return reinterpret_cast<F*>(address(name));
  }

 private:
  void* address(const char* name);
  void* handle_;
  std::string missing_;  // why, "" when all is there
};

}  // namespace tlswhy::base

// A member of the same name for the function NAME of the member `library`.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define TLSWHY_LATE(NAME) decltype(::NAME)* NAME = library.function<decltype(::NAME)>(#NAME)
