#include "library.h"

#include <stdarg.h>

double late_mix(long a, long b, long c, long d, long e, long f, long g, long h, long i, double p, double q, double r, double s, double t, double u,
                double v, double w, double x) {
  return (double)(a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i) + p + 2 * q + 3 * r + 4 * s + 5 * t + 6 * u + 7 * v + 8 * w +
         9 * x;
}

struct late_large late_large_from(long first) {
  struct late_large out;
  for (int i = 0; i < 8; ++i) out.words[i] = first + i;
  return out;
}

double late_sum(int count, ...) {
  va_list list;
  va_start(list, count);
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += va_arg(list, int);
    sum += va_arg(list, double);
  }
  va_end(list);
  return sum;
}
