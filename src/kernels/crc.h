/* crc.h - CRC-32 as zlib, PNG and Ethernet have it: polynomial 0xedb88320, reflected. */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint32_t sc_crc32(const uint8_t *data, size_t size);
