/* keyfile.c - from JSON to teams and keys, strictly. */
#include "keyfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "json.h"
#include "json_cursor.h"

#define DEPTH       4
#define WEIGHT_MAX  1000
#define QUOTA_MAX   (INT64_C(1) << 50)
#define TEAMS_MAX   4096
#define KEYS_MAX    4096
#define KEY_PREFIX  "sha256:"
#define NAME_LETTER "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

struct reading {
    struct sc_bytes text;
    const char *path;
    struct sc_arena *arena;
    struct sc_note *note;
    struct keyfile *out;
    struct keyfile_team *team; /* under way */
    bool named, keyed;         /* it has `team`, `keys` */
};

bool keyfile_is_name(const char *name)
{
    const size_t size = strlen(name);

    return size > 0 && size <= TEAM_NAME_MAX && strspn(name, NAME_LETTER) == size;
}

/* ---- failures ---- */

static int line_at(const struct reading *r, const uint8_t *at)
{
    int line = 1;

    for (const uint8_t *c = r->text.data; c < at; c++) line += *c == '\n';
    return line;
}

__attribute__((format(printf, 3, 4))) static enum sc_status
fail(const struct reading *r, const uint8_t *at, const char *format, ...)
{
    char what[200];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return sc_fail(r->note, SC_BAD_PARAM, NULL, "%.80s:%d: %s", r->path, line_at(r, at), what);
}

static enum sc_status no_memory(const struct reading *r)
{
    return sc_fail(r->note, SC_NO_MEMORY, NULL, "%.80s: no memory for so many teams", r->path);
}

/* json_check says which byte; people count lines. */
static enum sc_status broken(const struct reading *r, size_t byte)
{
    char what[sizeof r->note->detail];

    snprintf(what, sizeof what, "%s", r->note->detail);
    return fail(r, r->text.data + byte, "%.180s", what);
}

/* ---- values ---- */

/* The text of a string. */
static enum sc_status read_text(struct reading *r, struct json_cursor *c, const char **out)
{
    struct sc_note ignored;

    if (json_peek(c) != '"') return fail(r, c->at, "expected a text in quotes");
    if (json_unescape_text(json_string(c), r->arena, out, &ignored) == SC_OK) return SC_OK;
    return fail(r, c->at, "not a text that is taken here");
}

static enum sc_status read_whole(struct reading *r, struct json_cursor *c, const char *name,
                                 int64_t most, int64_t *out)
{
    const uint8_t first = json_peek(c), *at = c->at;
    struct decimal number;
    uint64_t value = 0;

    if (first >= '0' && first <= '9') {
        c->at = decimal_read(at, c->end, &number);
        if (number.integer && decimal_magnitude(&number, &value) && value >= 1 &&
            value <= (uint64_t)most) {
            *out = (int64_t)value;
            return SC_OK;
        }
    }
    return fail(r, at, "%s takes a whole number from 1 to %lld", name, (long long)most);
}

static enum sc_status open_list(struct reading *r, struct json_cursor *c, const char *name)
{
    if (json_peek(c) != '[') return fail(r, c->at, "%s takes a list", name);
    c->at++;
    return SC_OK;
}

/* ---- members of a team ---- */

static enum sc_status read_name(struct reading *r, struct json_cursor *c)
{
    const uint8_t *at = (json_peek(c), c->at);

    SC_TRY(read_text(r, c, &r->team->name));
    if (!keyfile_is_name(r->team->name))
        return fail(r, at,
                    "a team is named by letters, digits, '.', '_' and '-', at most %d of them",
                    TEAM_NAME_MAX);
    for (const struct keyfile_team *other = r->out->team; other < r->team; other++)
        if (strcmp(other->name, r->team->name) == 0)
            return fail(r, at, "the team %s is there twice", r->team->name);
    r->named = true;
    return SC_OK;
}

static enum sc_status read_rights(struct reading *r, struct json_cursor *c)
{
    const char *name = "";

    SC_TRY(open_list(r, c, "rights"));
    r->team->rights = 0;
    while (json_next(c, ']')) {
        const uint8_t *at = (json_peek(c), c->at);

        SC_TRY(read_text(r, c, &name));
        if (strcmp(name, "score") == 0)
            r->team->rights |= RIGHT_SCORE;
        else if (strcmp(name, "admin") == 0)
            r->team->rights |= RIGHT_ADMIN;
        else
            return fail(r, at, "there is no right '%.40s'; there are score and admin", name);
    }
    return SC_OK;
}

static enum sc_status read_key(struct reading *r, struct json_cursor *c)
{
    const size_t prefix = strlen(KEY_PREFIX);
    const uint8_t *at = (json_peek(c), c->at);
    struct keyfile_key *key = &r->out->key[r->out->keys];
    const char *text = "";

    SC_TRY(read_text(r, c, &text));
    if (strncmp(text, KEY_PREFIX, prefix) != 0 || !digest_read(text + prefix, &key->digest))
        return fail(r, at,
                    "a key is \"" KEY_PREFIX "\" and 64 hexadecimal digits in lower case; "
                    "`scored new-key` prints one");
    if (r->out->keys == KEYS_MAX) return fail(r, at, "more than %d keys", KEYS_MAX);
    for (const struct keyfile_key *other = r->out->key; other < key; other++)
        if (digest_equal(&other->digest, &key->digest))
            return fail(r, at, "this key is there twice");
    key->team = (size_t)(r->team - r->out->team);
    r->team->keys++;
    r->out->keys++;
    return SC_OK;
}

static enum sc_status read_keys(struct reading *r, struct json_cursor *c)
{
    SC_TRY(open_list(r, c, "keys"));
    while (json_next(c, ']')) SC_TRY(read_key(r, c));
    r->keyed = true;
    return SC_OK;
}

static enum sc_status read_member(struct reading *r, const char *name, const uint8_t *at,
                                  struct json_cursor *c)
{
    if (strcmp(name, "team") == 0) return read_name(r, c);
    if (strcmp(name, "weight") == 0)
        return read_whole(r, c, name, WEIGHT_MAX, &r->team->weight);
    if (strcmp(name, "rights") == 0) return read_rights(r, c);
    if (strcmp(name, "keys") == 0) return read_keys(r, c);
#define QUOTA(quota, unit)                                                                     \
    if (strcmp(name, #quota) == 0)                                                             \
        return read_whole(r, c, name, QUOTA_MAX, &r->team->quotas.quota);
#include "quotas.def"
#undef QUOTA
    return fail(r, at, "a team has no member '%.40s'", name);
}

/* ---- the whole ---- */

static enum sc_status read_team(struct reading *r, struct json_cursor *c)
{
    const uint8_t *begin = (json_peek(c), c->at);

    if (*begin != '{')
        return fail(r, begin, "a team is an object: {\"team\": ..., \"keys\": ...}");
    if (r->out->teams == TEAMS_MAX) return fail(r, begin, "more than %d teams", TEAMS_MAX);
    r->team = &r->out->team[r->out->teams];
    *r->team = (struct keyfile_team){.weight = 1, .rights = RIGHT_SCORE};
    r->named = r->keyed = false;
    for (c->at++; json_next(c, '}');) {
        const uint8_t *at = (json_peek(c), c->at);
        struct json_cursor key = *c;
        const char *name = "";

        SC_TRY(read_text(r, &key, &name));
        json_key(c);
        SC_TRY(read_member(r, name, at, c));
    }
    if (!r->named) return fail(r, begin, "a team needs a name: \"team\"");
    if (!r->keyed) return fail(r, begin, "the team %s needs a list \"keys\"", r->team->name);
    r->out->teams++;
    return SC_OK;
}

static enum sc_status read_teams(struct reading *r, struct json_cursor *c)
{
    SC_TRY(open_list(r, c, "teams"));
    while (json_next(c, ']')) SC_TRY(read_team(r, c));
    return SC_OK;
}

/* Every team has a brace, every key a prefix: there are no more than of these. */
static enum sc_status make_room(struct reading *r)
{
    size_t braces = 0, quotes = 0;

    for (size_t i = 0; i < r->text.size; i++) {
        braces += r->text.data[i] == '{';
        quotes += r->text.data[i] == '"';
    }
    r->out->team = sc_arena_calloc(r->arena, braces + 1, sizeof *r->out->team);
    r->out->key = sc_arena_calloc(r->arena, quotes / 2 + 1, sizeof *r->out->key);
    return r->out->team && r->out->key ? SC_OK : no_memory(r);
}

static enum sc_status read_file(struct reading *r)
{
    struct json_cursor c = json_cursor(r->text);
    bool found = false;

    if (json_peek(&c) != '{') return fail(r, c.at, "expected {\"teams\": [...]}");
    for (c.at++; json_next(&c, '}'); found = true) {
        const uint8_t *at = (json_peek(&c), c.at);
        const struct sc_bytes key = json_key(&c);

        if (!sc_bytes_is(key, "teams"))
            return fail(r, at, "there is only one member, \"teams\"");
        SC_TRY(read_teams(r, &c));
    }
    return found ? SC_OK : fail(r, r->text.data, "expected {\"teams\": [...]}");
}

enum sc_status keyfile_read(struct sc_bytes text, const char *path, struct sc_arena *arena,
                            struct keyfile *out, struct sc_note *note)
{
    size_t where = 0;
    const struct json_rules rules = {.depth = DEPTH, .where = &where};
    struct reading r = {.text = text, .path = path, .arena = arena, .note = note, .out = out};

    *out = (struct keyfile){.teams = 0};
    if (json_check(text, &rules, arena, note) != SC_OK) return broken(&r, where);
    SC_TRY(make_room(&r));
    return read_file(&r);
}
