/* fuzz_keyfile.c - any bytes as the file of teams and keys; what is read is written and read
 * again: the same teams, the same keys. */
#include "guard.h"
#include "json.h"
#include "keyfile.h"

#define MEMORY ((size_t)32 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct keyfile *file)
{
    size_t keys = 0;

    for (size_t i = 0; i < file->teams; i++) {
        const struct keyfile_team *team = &file->team[i];

        if (!keyfile_is_name(team->name) || team->weight < 1 || team->weight > 1000) abort();
        for (size_t k = 0; k < i; k++)
            if (strcmp(file->team[k].name, team->name) == 0) abort();
        keys += team->keys;
    }
    if (keys != file->keys) abort();
    for (size_t i = 0; i < file->keys; i++)
        if (file->key[i].team >= file->teams) abort();
}

static void write_keys(struct json_writer *j, const struct keyfile *file, size_t team)
{
    json_open(j, "keys", '[');
    for (size_t i = 0; i < file->keys; i++) {
        char text[DIGEST_TEXT + 8] = "sha256:";

        if (file->key[i].team != team) continue;
        digest_print(&file->key[i].digest, text + strlen(text));
        json_text(j, NULL, text);
    }
    json_close(j, ']');
}

static void write_team(struct json_writer *j, const struct keyfile *file, size_t i)
{
    const struct keyfile_team *team = &file->team[i];

    json_open(j, NULL, '{');
    json_text(j, "team", team->name);
    json_int(j, "weight", team->weight);
    json_open(j, "rights", '[');
    if (team->rights & RIGHT_SCORE) json_text(j, NULL, "score");
    if (team->rights & RIGHT_ADMIN) json_text(j, NULL, "admin");
    json_close(j, ']');
#define QUOTA(name, unit)                                                                      \
    if (team->quotas.name != 0) json_int(j, #name, team->quotas.name);
#include "quotas.def"
#undef QUOTA
    write_keys(j, file, i);
    json_close(j, '}');
}

static struct sc_bytes write_all(const struct keyfile *file, struct sc_arena *arena)
{
    static const struct codec_style style;
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};

    sc_writer_init(&out, arena);
    json_open(&j, NULL, '{');
    json_open(&j, "teams", '[');
    for (size_t i = 0; i < file->teams; i++) write_team(&j, file, i);
    json_close(&j, ']');
    json_close(&j, '}');
    return out.failed ? sc_bytes(NULL, 0) : sc_bytes(out.data, out.size);
}

static void compare(const struct keyfile *a, const struct keyfile *b)
{
    if (a->teams != b->teams || a->keys != b->keys) abort();
    for (size_t i = 0; i < a->teams; i++)
        if (strcmp(a->team[i].name, b->team[i].name) != 0 ||
            a->team[i].weight != b->team[i].weight || a->team[i].rights != b->team[i].rights ||
            a->team[i].keys != b->team[i].keys ||
            memcmp(&a->team[i].quotas, &b->team[i].quotas, sizeof a->team[i].quotas) != 0)
            abort();
    for (size_t i = 0; i < a->keys; i++)
        if (!digest_equal(&a->key[i].digest, &b->key[i].digest) ||
            a->key[i].team != b->key[i].team)
            abort();
}

static void round_trip(const struct keyfile *file, struct sc_arena *arena)
{
    const struct sc_bytes text = write_all(file, arena);
    struct sc_note note = {0};
    struct keyfile again;
    uint8_t *body;

    if (text.data == NULL) return;
    body = guarded_body(text.data, text.size);
    if (keyfile_read(sc_bytes(body, text.size), "again", arena, &again, &note) == SC_OK)
        compare(file, &again);
    else if (!arena->over_limit)
        abort();
    unguard_body(body, text.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *body = guarded_body(data, size);
    struct sc_arena arena;
    struct sc_note note = {0};
    struct keyfile file;

    sc_arena_init(&arena, size % 4 == 3 ? size * 16 : MEMORY, NULL);
    if (keyfile_read(sc_bytes(body, size), "keys", &arena, &file, &note) == SC_OK) {
        check(&file);
        round_trip(&file, &arena);
    } else if (note.detail[0] == '\0') {
        abort();
    }
    if (arena.held > arena.limit) abort();
    sc_arena_done(&arena);
    unguard_body(body, size);
    return 0;
}
