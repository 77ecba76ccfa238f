/* The places of the bits of every byte, for turning masks into lists. */
#ifndef DENSEFIT_BITS_H
#define DENSEFIT_BITS_H

#include <stdint.h>

typedef struct densefit_byte_table {
    uint64_t places[256]; /* of the bits that are set, ascending, one byte each */
    uint8_t counts[256];
} densefit_byte_table;

extern densefit_byte_table densefit_bytes;

/* Once, when the module is loaded. */
void densefit_bits_init(void);

#endif
