#include "bits.h"

densefit_byte_table densefit_bytes;

void densefit_bits_init(void) {
    for (int byte = 0; byte < 256; byte++) {
        uint64_t places = 0;
        int count = 0;
        for (int bit = 0; bit < 8; bit++)
            if (byte >> bit & 1) places |= (uint64_t)bit << 8 * count++;
        densefit_bytes.places[byte] = places;
        densefit_bytes.counts[byte] = (uint8_t)count;
    }
}
