#pragma once
// A system call and nothing else: no errno, no thread-local storage. For a process that shares its parent's memory and storage while both run.

#include <type_traits>

namespace tlswhy::observe {

// The kernel's result: -errno when it failed. Calling conventions: syscall(2), "Architecture calling conventions".
inline long bare_call_words(long number, long a, long b, long c, long d, long e) {
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  long result = number;
  asm volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
#endif
}

template <typename Argument>
long call_word(Argument argument) {
  if constexpr (std::is_null_pointer_v<Argument>)
    return 0;
  else if constexpr (std::is_pointer_v<Argument>)
    return reinterpret_cast<long>(argument);
  else
    return static_cast<long>(argument);
}

// A call of at most five numbers and pointers.
template <typename... Arguments>
long bare_call(long number, Arguments... arguments) {
  static_assert(sizeof...(arguments) <= 5);
  long words[5] = {call_word(arguments)...};
  return bare_call_words(number, words[0], words[1], words[2], words[3], words[4]);
}

}  // namespace tlswhy::observe
