/* digest.h - SHA-256 of a key.
 *
 * Keys are 256 random bits that we made: nobody can guess one, so a plain hash keeps it as
 * secret as a slow one would, and costs a request a microsecond. (Passwords would need the slow
 * one.) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32
#define DIGEST_TEXT (2 * DIGEST_SIZE + 1)

struct digest {
    uint8_t byte[DIGEST_SIZE];
};

struct digest digest_of(const char *text, size_t size);

/* In a time that does not depend on where they differ. */
bool digest_equal(const struct digest *a, const struct digest *b);

/* In lower-case hexadecimal digits; gives `text`. */
char *digest_print(const struct digest *digest, char text[DIGEST_TEXT]);
/* From exactly so many; false: it is something else. */
bool digest_read(const char *text, struct digest *out);
