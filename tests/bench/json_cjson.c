/* json_cjson.c - a tree, a walk over it, and its end: what a server with cJSON does. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "json_peers.h"

#define READ(name, type)                                                                       \
    static bool name(const char *text, size_t size, type *out, size_t count)                   \
    {                                                                                          \
        cJSON *tree = cJSON_ParseWithLength(text, size);                                       \
        const cJSON *item;                                                                     \
        size_t i = 0;                                                                          \
                                                                                               \
        cJSON_ArrayForEach(item, tree)                                                         \
        {                                                                                      \
            if (i == count || !cJSON_IsNumber(item)) break;                                    \
            out[i++] = (type)item->valuedouble;                                                \
        }                                                                                      \
        cJSON_Delete(tree);                                                                    \
        return i == count;                                                                     \
    }
READ(read_float32, float)
READ(read_float64, double)
READ(read_uint8, uint8_t)
READ(read_int64, int64_t)

static size_t print(cJSON *tree)
{
    char *text = cJSON_PrintUnformatted(tree);
    const size_t size = text ? strlen(text) : 0;

    cJSON_free(text);
    cJSON_Delete(tree);
    return size;
}

static size_t print_float32(const float *in, size_t count)
{
    return print(cJSON_CreateFloatArray(in, (int)count));
}

static size_t print_float64(const double *in, size_t count)
{
    return print(cJSON_CreateDoubleArray(in, (int)count));
}

const struct peer peer_cjson = {"cJSON",    read_float32,  read_float64, read_uint8,
                                read_int64, print_float32, print_float64};
