/* teams.c - teams by name, keys by digest, one lock for all. */
#include "teams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "sort.h"

#define ALL_RIGHTS (RIGHT_SCORE | RIGHT_ADMIN)
#define BEGINNING  4 /* bytes of a digest by which it is looked for */

/* The file, and what reading it takes, which is no request's memory. */
#define FILE_MAX    ((int64_t)4 << 20)
#define READING_MAX ((size_t)64 << 20)

static struct team *find_name(const struct teams *teams, const char *name)
{
    struct team *team = teams->first;

    while (team != NULL && strcmp(team->name, name) != 0) team = team->next;
    return team;
}

/* ---- from a file ---- */

/* A file that was read, with the teams that it names; nothing of it is in force yet. */
struct change {
    struct keyfile file;
    struct team **team; /* of each row */
    struct team *made;  /* those whom nobody knew */
    struct teams_key *key;
};

static void free_teams(struct team *team)
{
    while (team != NULL) {
        struct team *next = team->next;

        free(team);
        team = next;
    }
}

static struct team *make_team(const struct teams *teams, struct change *change,
                              const char *name)
{
    struct team *team = calloc(1, sizeof *team);

    if (team == NULL) return NULL;
    snprintf(team->name, sizeof team->name, "%s", name);
    team->tenant.budget.parent = teams->memory;
    team->next = change->made;
    change->made = team;
    return team;
}

static int by_digest(const void *a, const void *b)
{
    const struct teams_key *one = a, *other = b;

    return memcmp(one->digest.byte, other->digest.byte, DIGEST_SIZE);
}

/* All that can fail. */
static bool prepare(struct teams *teams, struct sc_arena *arena, struct change *change)
{
    const struct keyfile *file = &change->file;

    change->team = sc_arena_calloc(arena, file->teams + 1, sizeof(struct team *));
    change->key = calloc(file->keys + 1, sizeof *change->key);
    if (change->team == NULL || change->key == NULL) return false;
    for (size_t i = 0; i < file->teams; i++) {
        struct team *known = find_name(teams, file->team[i].name);

        change->team[i] = known ? known : make_team(teams, change, file->team[i].name);
        if (change->team[i] == NULL) return false;
    }
    for (size_t i = 0; i < file->keys; i++)
        change->key[i] =
            (struct teams_key){file->key[i].digest, change->team[file->key[i].team]};
    sc_sort(change->key, file->keys, sizeof *change->key, by_digest);
    return true;
}

/* Buckets go on from where they are, at their new rates. */
static void set_team(struct team *team, const struct keyfile_team *row)
{
    team->facts.weight = row->weight;
    team->facts.rights = row->rights;
    team->facts.quotas = row->quotas;
    team->facts.keys = row->keys;
    atomic_store(&team->tenant.weight, row->weight);
    atomic_store(&team->tenant.budget.limit, row->quotas.concurrent_bytes > 0
                                                 ? (size_t)row->quotas.concurrent_bytes
                                                 : SIZE_MAX);
}

static void apply(struct teams *teams, struct change *change)
{
    struct teams_key *before = teams->key;
    struct team **end = &change->made;
    int made = 0;

    for (; *end != NULL; end = &(*end)->next) made++;
    pthread_mutex_lock(&teams->lock);
    for (struct team *team = teams->first; team != NULL; team = team->next)
        team->facts.keys = 0;
    for (size_t i = 0; i < change->file.teams; i++)
        set_team(change->team[i], &change->file.team[i]);
    *end = teams->first;
    teams->first = change->made;
    atomic_fetch_add(&teams->count, made);
    teams->key = change->key;
    teams->keys = change->file.keys;
    pthread_mutex_unlock(&teams->lock);
    free(before);
}

static enum sc_status read_file(const char *path, struct sc_arena *arena, struct keyfile *out,
                                struct sc_note *note)
{
    struct sc_bytes text;

    SC_TRY(file_read(path, FILE_MAX, arena, &text, note));
    return keyfile_read(text, path, arena, out, note);
}

static enum sc_status load(struct teams *teams, struct sc_arena *arena, struct sc_note *note)
{
    struct change change = {.team = NULL};

    SC_TRY(read_file(teams->path, arena, &change.file, note));
    if (!prepare(teams, arena, &change)) {
        free_teams(change.made);
        free(change.key);
        return sc_fail(note, SC_NO_MEMORY, NULL, "%.80s: no memory for so many teams",
                       teams->path);
    }
    apply(teams, &change);
    return SC_OK;
}

enum sc_status teams_reload(struct teams *teams, struct sc_note *note)
{
    struct sc_arena arena;
    enum sc_status status;

    if (teams->path == NULL) return SC_OK;
    sc_arena_init(&arena, READING_MAX, NULL);
    status = load(teams, &arena, note);
    sc_arena_done(&arena);
    return status;
}

enum sc_status teams_start(struct teams *teams, const char *path, struct sc_budget *memory,
                           struct sc_note *note)
{
    *teams = (struct teams){
        .path = path, .memory = memory, .everybody.facts = {.weight = 1, .rights = ALL_RIGHTS}};
    teams->everybody.tenant.weight = 1;
    teams->count = 1;
    teams->everybody.tenant.budget.limit = SIZE_MAX;
    teams->everybody.tenant.budget.parent = memory;
    pthread_mutex_init(&teams->lock, NULL);
    return teams_reload(teams, note);
}

void teams_done(struct teams *teams)
{
    free_teams(teams->first);
    free(teams->key);
    pthread_mutex_destroy(&teams->lock);
}

/* ---- for requests ---- */

/* The first key whose digest has this beginning, or what would stand behind it. What a
 * beginning tells by its time is of a digest, of which nobody knows a key. */
static size_t first_of(const struct teams *teams, const struct digest *digest)
{
    size_t from = 0, to = teams->keys;

    while (from < to) {
        const size_t middle = from + (to - from) / 2;

        if (memcmp(teams->key[middle].digest.byte, digest->byte, BEGINNING) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* All keys with the same beginning are looked at, whichever it is. */
struct team *teams_find(struct teams *teams, const char *key, size_t size,
                        char mark[HTTP_KEY_MARK])
{
    const struct digest digest = digest_of(key, size);
    struct team *team = NULL;
    char text[DIGEST_TEXT];

    pthread_mutex_lock(&teams->lock);
    for (size_t i = first_of(teams, &digest); i < teams->keys; i++) {
        const struct teams_key *near = &teams->key[i];

        if (memcmp(near->digest.byte, digest.byte, BEGINNING) != 0) break;
        if (digest_equal(&near->digest, &digest)) team = near->team;
    }
    pthread_mutex_unlock(&teams->lock);
    if (team != NULL) snprintf(mark, HTTP_KEY_MARK, "%s", digest_print(&digest, text));
    return team;
}

bool team_may(struct teams *teams, const struct team *team, enum right right)
{
    bool may;

    pthread_mutex_lock(&teams->lock);
    may = (team->facts.rights & right) != 0;
    pthread_mutex_unlock(&teams->lock);
    return may;
}

/* Is this bucket empty? Then the verdict says so. A team without such a quota has all it wants.
 */
static void ask(struct team_verdict *v, const char *quota, struct bucket *b, int64_t rate,
                int64_t now)
{
    if (rate == 0) return;
    bucket_refill(b, rate, now);
    if (bucket_has(b)) return;
    v->quota = quota;
    v->limit = rate;
    if (bucket_seconds(b, rate) > v->seconds) v->seconds = bucket_seconds(b, rate);
}

static void count(struct team *team, struct team_verdict *v, int64_t bytes)
{
    team->facts.usage.requests++;
    team->facts.usage.refused += v->quota != NULL;
    if (v->quota != NULL) return;
    team->facts.usage.bytes += bytes;
    if (v->rate.requests_per_second > 0) bucket_charge(&team->requests, 1);
    if (v->rate.bytes_per_second > 0) bucket_charge(&team->bytes, bytes);
}

static void tell(const struct team *team, struct team_verdict *v)
{
    const struct quotas *rate = &v->rate;

    v->requests.left = bucket_left(&team->requests);
    v->bytes.left = bucket_left(&team->bytes);
    if (rate->requests_per_second > 0)
        v->requests.seconds = bucket_seconds(&team->requests, rate->requests_per_second);
    if (rate->bytes_per_second > 0)
        v->bytes.seconds = bucket_seconds(&team->bytes, rate->bytes_per_second);
}

struct team_verdict team_enter(struct teams *teams, struct team *team, int64_t bytes,
                               int64_t now)
{
    struct team_verdict v = {.quota = NULL};

    pthread_mutex_lock(&teams->lock);
    v.rate = team->facts.quotas;
    ask(&v, "bytes_per_second", &team->bytes, v.rate.bytes_per_second, now);
    ask(&v, "requests_per_second", &team->requests, v.rate.requests_per_second, now);
    count(team, &v, bytes);
    tell(team, &v);
    pthread_mutex_unlock(&teams->lock);
    return v;
}

void team_charge(struct teams *teams, struct team *team, int64_t bytes)
{
    pthread_mutex_lock(&teams->lock);
    team->facts.usage.bytes += bytes;
    if (team->facts.quotas.bytes_per_second > 0) bucket_charge(&team->bytes, bytes);
    pthread_mutex_unlock(&teams->lock);
}

struct team_facts team_look(struct teams *teams, const struct team *team)
{
    struct team_facts copy;

    pthread_mutex_lock(&teams->lock);
    copy = team->facts;
    pthread_mutex_unlock(&teams->lock);
    return copy;
}

/* Links of teams that are in the list never change. */
const struct team *teams_first(struct teams *teams)
{
    const struct team *first;

    pthread_mutex_lock(&teams->lock);
    first = teams->first;
    pthread_mutex_unlock(&teams->lock);
    return first;
}
