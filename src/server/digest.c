/* digest.c - the only file that includes the library of hashes. */
#include "digest.h"

#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <string.h>

_Static_assert(DIGEST_SIZE == SHA256_DIGEST_SIZE, "a digest is one of SHA-256");

struct digest digest_of(const char *text, size_t size)
{
    struct sha256_ctx context;
    struct digest digest;

    sha256_init(&context);
    sha256_update(&context, size, (const uint8_t *)text);
    sha256_digest(&context, DIGEST_SIZE, digest.byte);
    return digest;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return memeql_sec(a->byte, b->byte, DIGEST_SIZE) != 0;
}

static const char digits[] = "0123456789abcdef";

char *digest_print(const struct digest *digest, char text[DIGEST_TEXT])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        text[2 * i] = digits[digest->byte[i] >> 4];
        text[2 * i + 1] = digits[digest->byte[i] & 15];
    }
    text[DIGEST_TEXT - 1] = '\0';
    return text;
}

bool digest_read(const char *text, struct digest *out)
{
    if (strlen(text) != DIGEST_TEXT - 1 || strspn(text, digits) != DIGEST_TEXT - 1)
        return false;
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        out->byte[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 |
                                 (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}
