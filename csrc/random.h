/* The random stream: Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
 * easy as 1, 2, 3" (SC 2011). Every draw is a function of (seed, purpose, counter), so that any
 * thread may compute any part, and training in pieces draws what training at once does.
 *
 *   key         the 64-bit seed, low word first
 *   counter     c0, c1: the position; c2: epoch, step or parameter; c3: purpose + 256 · stage
 */
#ifndef DENSEFIT_RANDOM_H
#define DENSEFIT_RANDOM_H

#include <stdint.h>

enum { RANDOM_PARAMETERS = 1, RANDOM_SHUFFLE = 2, RANDOM_DROPOUT = 3, RANDOM_NOISE = 4 };

static inline void philox4x32(uint32_t c[4], uint64_t seed) {
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t c1 = c[1], c3 = c[3];
        c[0] = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* random.c */
void densefit_random_bits(uint64_t seed, const uint32_t counter[4], uint32_t out[4]);
/* n deviates of the stream from the even number `first` on: out[i] uniform in [0, 1), a multiple of
 * 2⁻⁵³ */
void densefit_random_uniform(uint64_t seed, uint32_t stream, int64_t first, int64_t n, double *out);
/* out[i] = Φ⁻¹(low + (high - low)·u), Φ the normal distribution: low, high = 0, 1 for the whole of
 * it */
void densefit_random_normal(uint64_t seed, uint32_t stream, double low, double high, int64_t first,
                            int64_t n, double *out);
/* out[i] normal, of the blocks from `block` on; counter holds c1, c2, c3 */
void densefit_random_noise(uint64_t seed, uint32_t block, const uint32_t counter[3], int64_t n,
                           double *out);
/* Fisher and Yates's shuffle of 0 … n - 1, n < 2³² */
void densefit_random_permutation(uint64_t seed, uint32_t epoch, int64_t n, int64_t *out);

#endif
