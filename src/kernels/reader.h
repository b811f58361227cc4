/* reader.h - inside the core: a cursor over saved bytes. Reading past the end sets `bad` and
 * gives zeros, so that a reader looks once, at the end. */
#pragma once

#include "bytes.h"

struct sc_reader {
    const uint8_t *data;
    size_t size, at;
    bool bad;
};

static inline const uint8_t *sc_read(struct sc_reader *r, size_t size)
{
    static const uint8_t zeros[8];

    if (r->bad || size > r->size - r->at) {
        r->bad = true;
        return zeros;
    }
    r->at += size;
    return r->data + r->at - size;
}

static inline uint32_t sc_read_le32(struct sc_reader *r)
{
    return sc_le32(sc_read(r, 4));
}

static inline int64_t sc_read_le64(struct sc_reader *r)
{
    return (int64_t)sc_le64(sc_read(r, 8));
}

/* A text or blob after its length. */
static inline struct sc_bytes sc_read_sized(struct sc_reader *r)
{
    const size_t size = sc_read_le32(r);
    const uint8_t *data = sc_read(r, size);

    return sc_bytes(data, r->bad ? 0 : size);
}

static inline void sc_write_sized(struct sc_writer *w, const void *data, size_t size)
{
    sc_write_le32(w, (uint32_t)size);
    sc_write(w, data, size);
}
