#include "cpu_features.h"

#if defined(_MSC_VER) && defined(_M_X64)

#include <immintrin.h>
#include <intrin.h>

static int bits_set(int leaf, int reg, unsigned mask) {
    int info[4];
    __cpuid(info, 0);
    if (info[0] < leaf) return 0;
    __cpuidex(info, leaf, 0);
    return ((unsigned)info[reg] & mask) == mask;
}

/* XCR0 tells which registers the operating system saves: 0x6 is SSE and AVX, 0xe6 adds AVX-512. */
static int os_saves(unsigned long long mask) {
    if (!bits_set(1, 2, 1u << 27)) return 0; /* OSXSAVE */
    return (_xgetbv(0) & mask) == mask;
}

int densefit_cpu_has_avx2_fma(void) {
    return os_saves(0x6) && bits_set(1, 2, 1u << 12) && bits_set(7, 1, 1u << 5);
}

int densefit_cpu_has_avx512(void) {
    /* AVX512F, DQ, BW, VL: bits 16, 17, 30, 31 of leaf 7, EBX. */
    return densefit_cpu_has_avx2_fma() && os_saves(0xe6) && bits_set(7, 1, 0xc0030000u);
}

#elif defined(__x86_64__)

/* The compiler's built-in asks the operating system too. */
int densefit_cpu_has_avx2_fma(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

int densefit_cpu_has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

#else

int densefit_cpu_has_avx2_fma(void) { return 0; }

int densefit_cpu_has_avx512(void) { return 0; }

#endif
