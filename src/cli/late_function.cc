// The function that every trampoline (trampoline.S) calls first: where a function of a library is that is loaded when it is first
// called. Mapping and relocating OpenSSL alone takes two thirds of a millisecond of every start and makes each fork dearer;
// most runs of a command have nothing to do with TLS.

#include <dlfcn.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "cli/command.h"

extern "C" {

struct LateName {
  const char* function;
  const char* soname;
};
extern const LateName tlswhy_late_names[];
extern void* tlswhy_late_slots[];

// Our own OpenSSL does without the machine's configuration, which may be what is wrong (openssl/crypto.h: OPENSSL_INIT_NO_LOAD_CONFIG). First, for
// the library asks for it once.
static void leave_out_config(void* library) {
  static bool done = false;
  if (done || library == nullptr) return;
  auto* init = reinterpret_cast<int (*)(std::uint64_t, const void*)>(::dlsym(library, "OPENSSL_init_crypto"));
  if (init == nullptr) return;
  done = true;
  constexpr std::uint64_t kNoConfig = 0x80;
  init(kNoConfig, nullptr);
}

// The address of the function with that index, which its slot holds from now on. Ends the program where there is none, as
// the loader does with a library that is missing at the start.
void* tlswhy_late_function(std::size_t index) {
  const LateName& name = tlswhy_late_names[index];
  void* library = ::dlopen(name.soname, RTLD_LAZY | RTLD_LOCAL);  // counted by the loader: the second time it is there
  leave_out_config(library);
  void* found = library != nullptr ? ::dlsym(library, name.function) : nullptr;
  if (found == nullptr) {
    std::fprintf(stderr, "tlswhy: %s\n", ::dlerror());
    std::fflush(nullptr);
    ::_exit(tlswhy::cli::kCannotInspect);
  }
  __atomic_store_n(&tlswhy_late_slots[index], found, __ATOMIC_RELAXED);
  return found;
}
}
