/* npz.c - NumPy's archives: a ZIP of NAME.npy, each a tensor of that name. */
#include <string.h>

#include "formats.h"
#include "sort.h"
#include "zip.h"

#define SUFFIX ".npy"

static enum sc_status no_memory(struct sc_note *note)
{
    return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for an archive");
}

bool npz_probe(struct sc_bytes body)
{
    return (sc_bytes_starts(body, "PK\x03\x04", 4) || sc_bytes_starts(body, "PK\x05\x06", 4)) &&
           foreign_advice(body) == NULL;
}

static const char *name_of(const struct zip_member *member, struct sc_arena *arena)
{
    const size_t size = strlen(member->name), suffix = strlen(SUFFIX);

    if (size >= suffix && strcmp(member->name + size - suffix, SUFFIX) == 0)
        return sc_arena_strndup(arena, member->name, size - suffix);
    return member->name;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the tensors, in the order of the members. No two are the same, also where the
 * members are a.npy and a. */
static enum sc_status read_names(const struct zip *zip, struct sc_arena *arena,
                                 const char ***out, struct sc_note *note)
{
    const size_t size = sizeof **out;
    const char **name = sc_arena_calloc(arena, zip->count + 1, size);
    const char **sorted = sc_arena_calloc(arena, zip->count + 1, size);

    if (name == NULL || sorted == NULL) return no_memory(note);
    for (size_t i = 0; i < zip->count; i++) {
        name[i] = name_of(&zip->member[i], arena);
        if (name[i] == NULL) return no_memory(note);
    }
    memcpy(sorted, name, zip->count * size);
    sc_sort(sorted, zip->count, size, by_text);
    for (size_t i = 1; i < zip->count; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            return sc_fail(note, SC_MALFORMED, NULL, "two tensors of the NPZ are named '%.64s'",
                           sorted[i]);
    *out = name;
    return SC_OK;
}

static enum sc_status take(const struct codec_source *source, const struct zip_member *member,
                           const char *name, struct codec_payload *out, struct sc_note *note)
{
    struct codec_source one = *source;

    one.name = name;
    SC_TRY(codec_go_on(source, note));
    SC_TRY(zip_take(member, source->arena, &one.body, note));
    if (!npy_probe(one.body))
        return sc_fail(note, SC_UNSUPPORTED, NULL, "member '%.64s' of the NPZ is no NPY", name);
    return sc_fail_in(note, npy_decode(&one, out, note), "member '%.64s' of the NPZ", name);
}

/* What all members together inflate to counts as the body does. */
static enum sc_status check_sizes(const struct codec_source *source, const struct zip *zip,
                                  struct sc_note *note)
{
    const uint64_t limit = (uint64_t)source->limits->body_bytes;
    uint64_t sum = 0;

    for (size_t i = 0; i < zip->count; i++) {
        if (zip->member[i].size > limit - sum)
            return sc_fail(
                note, SC_TOO_LARGE, NULL,
                "the members of the NPZ have more than %lld bytes (limit body_bytes)",
                (long long)source->limits->body_bytes);
        sum += zip->member[i].size;
    }
    return SC_OK;
}

/* A part of a form is one tensor: the sole member, or the one that is named as the part. */
static enum sc_status take_part(const struct codec_source *source, const struct zip *zip,
                                const char *const *name, struct codec_payload *out,
                                struct sc_note *note)
{
    for (size_t i = 0; i < zip->count; i++)
        if (zip->count == 1 || strcmp(name[i], source->name) == 0)
            return take(source, &zip->member[i], source->name, out, note);
    return sc_fail(note, SC_BAD_INPUT, NULL,
                   "the NPZ in part '%.64s' has %zu members, none of that name", source->name,
                   zip->count);
}

enum sc_status npz_decode(const struct codec_source *source, struct codec_payload *out,
                          struct sc_note *note)
{
    const char **name = NULL;
    struct zip zip;

    SC_TRY(zip_read(source->body, source->limits->npz_members, source->arena, &zip, note));
    SC_TRY(check_sizes(source, &zip, note));
    SC_TRY(read_names(&zip, source->arena, &name, note));
    if (*source->name != '\0') return take_part(source, &zip, name, out, note);
    for (size_t i = 0; i < zip.count; i++) {
        SC_TRY(codec_check_name(name[i], note));
        SC_TRY(take(source, &zip.member[i], name[i], out, note));
    }
    return SC_OK;
}
