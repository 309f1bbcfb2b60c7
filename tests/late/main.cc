// Calls functions of a library that is loaded at the first of them (src/cli/trampoline.S), twice each: the first call goes
// through the resolver, the second straight on. Status 1 and a word about the first that comes out wrong.

#include <cstdio>

#include "library.h"

int main() {
  for (int round = 0; round < 2; ++round) {
    if (late_mix(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9) != 570) return std::puts("late_mix"), 1;
    if (late_large_from(5).words[7] != 12) return std::puts("late_large_from"), 1;
    if (late_sum(9, 1, .5, 2, .5, 3, .5, 4, .5, 5, .5, 6, .5, 7, .5, 8, .5, 9, .5) != 49.5) return std::puts("late_sum"), 1;
  }
  std::puts("late functions: all arguments arrived");
}
