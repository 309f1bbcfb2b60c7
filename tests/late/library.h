#pragma once
/* Functions whose arguments and results take every way of the calling conventions (psABI x86-64 3.2, AAPCS64 6). */

struct late_large {
  long words[8];
};

#ifdef __cplusplus
extern "C" {
#endif
/* The sum of each argument times its place. The ninth of each kind goes over the stack. */
double late_mix(long a, long b, long c, long d, long e, long f, long g, long h, long i, double p, double q, double r, double s, double t, double u,
                double v, double w, double x);
/* Returned in memory: rdi, x8. */
struct late_large late_large_from(long first);
/* The sum of `count` pairs of int and double. Variadic: al. */
double late_sum(int count, ...);
#ifdef __cplusplus
}
#endif
