/* foreign.c - formats that people send and that are not taken, each with what to do. */
#include <string.h>

#include "formats.h"

#define USE_DATA_BINARY "curl -d removed bytes from the file; use curl --data-binary"
#define SAVE_AS_NPY     "save the array with numpy.save(file, array, allow_pickle=False)"
#define SAVE_AS_PNG     "save the mask as an 8-bit grey or palette PNG"

static const struct foreign {
    const char *magic, *advice;
} foreign[] = {
    {"\x80\x02", "a Python pickle is never read; " SAVE_AS_NPY},
    {"\x80\x03", "a Python pickle is never read; " SAVE_AS_NPY},
    {"\x80\x04", "a Python pickle is never read; " SAVE_AS_NPY},
    {"\x80\x05", "a Python pickle is never read; " SAVE_AS_NPY},
    {"\x89PNG\x1a", "a damaged PNG: " USE_DATA_BINARY},
    {"\x89PNG\n", "a damaged PNG: it was transferred as text; send it as binary"},
    {"\x1f\x8b", "gzip without 'Content-Encoding: gzip'"},
    {"\xff\xd8\xff", "JPEG is lossy and changes labels; " SAVE_AS_PNG},
    {"GIF8", "GIF is not taken; " SAVE_AS_PNG},
    {"II*", "TIFF is not taken; " SAVE_AS_PNG},
    {"RIFF", "WebP is not taken; " SAVE_AS_PNG},
    {"\x89HDF", "HDF5 is not taken; " SAVE_AS_NPY},
    {"MATLAB", "MATLAB files are not taken; " SAVE_AS_NPY},
    {"\xef\xbb\xbf", "the text begins with a byte order mark; JSON is UTF-8 without one"},
};

/* torch.save writes a ZIP whose first members name the pickle inside. */
static bool is_torch(struct sc_bytes body)
{
    const size_t size = body.size < 512 ? body.size : 512;

    return sc_bytes_starts(body, "PK", 2) && memmem(body.data, size, "data.pkl", 8) != NULL;
}

/* A safetensors file without the NUL bytes of its first eight: its JSON comes too early. */
static bool is_stripped_safetensors(struct sc_bytes body)
{
    const struct sc_bytes start = sc_bytes_slice(body, 0, 4096);
    const uint8_t *json = memmem(start.data, start.size < 9 ? start.size : 9, "{\"", 2);

    return json != NULL && json != start.data && json < start.data + 8 &&
           memmem(start.data, start.size, "\"data_offsets\"", 14) != NULL;
}

const char *foreign_advice(struct sc_bytes body)
{
    if (is_stripped_safetensors(body)) return "a damaged safetensors file: " USE_DATA_BINARY;
    if (is_torch(body))
        return "torch.save files hold a pickle, which is never read; save the array with "
               "numpy.save(file, tensor.numpy(), allow_pickle=False)";
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (sc_bytes_starts(body, foreign[i].magic, strlen(foreign[i].magic)))
            return foreign[i].advice;
    return NULL;
}
