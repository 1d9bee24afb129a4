/* sha256.h - SHA-256 (FIPS 180-4). */
#ifndef EDGED_BASE_SHA256_H
#define EDGED_BASE_SHA256_H
#include <stddef.h>

enum { SHA256_HEX_BYTES = 65 };

/* 64 lower-case hexadecimal digits and a NUL. */
void sha256_hex(const void *data, size_t length, char out[SHA256_HEX_BYTES]);
#endif
