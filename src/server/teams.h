/* teams.h - who may ask for what, and how much: teams, their keys, quotas and usage.
 *
 * Any thread may call any of these. A team that was ever there is kept while the program runs,
 * for requests under way are its own; out of the file it has no keys, and nobody comes in by
 * it. Without a file there is one team that everybody is, with all rights and no quotas. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "bucket.h"
#include "http.h"
#include "keyfile.h"

/* What a team has asked for since the program was started. */
struct team_usage {
    int64_t requests, refused, bytes;
};

/* What is said of a team, and what it did. */
struct team_facts {
    int64_t weight;
    size_t keys;
    unsigned rights; /* of enum right */
    struct quotas quotas;
    struct team_usage usage;
};

struct team {
    struct http_tenant tenant;
    struct team *next;
    char name[TEAM_NAME_MAX + 1]; /* "": everybody */
    _Atomic int series;           /* places that it has in the metrics */
    /* Of the lock: */
    struct team_facts facts;
    struct bucket requests, bytes;
};

/* A request's tenant is its team. */
_Static_assert(offsetof(struct team, tenant) == 0, "tenant is the first member");

struct teams_key {
    struct digest digest;
    struct team *team;
};

struct teams {
    const char *path;         /* NULL: no keys, the server is open */
    struct sc_budget *memory; /* of all teams */
    pthread_mutex_t lock;
    struct team *first;
    atomic_int count; /* of them, and everybody */
    struct team everybody;
    struct teams_key *key; /* by digest */
    size_t keys;
};

/* Reads the file at `path` (NULL: none). What requests of teams hold is taken from `memory`. On
 * failure `note` begins with path and line. */
enum sc_status teams_start(struct teams *teams, const char *path, struct sc_budget *memory,
                           struct sc_note *note);
/* Reads it again: all or nothing. Requests under way go on; quotas of known teams go on from
 * where they are. */
enum sc_status teams_reload(struct teams *teams, struct sc_note *note);
void teams_done(struct teams *teams);

/* Whose is this key? NULL: nobody's. Else `mark` is how its hash begins in the file, for the
 * log: which of a team's keys is in use says nothing of the key itself. */
struct team *teams_find(struct teams *teams, const char *key, size_t size,
                        char mark[HTTP_KEY_MARK]);
bool team_may(struct teams *teams, const struct team *team, enum right right);

/* What has become of a request for which quotas were asked. */
struct team_verdict {
    const char *quota;  /* over this one, of quotas.def; NULL: it may go on */
    int64_t limit;      /* its value */
    int64_t seconds;    /* it may come again then */
    struct quotas rate; /* in force; and what is left, and when all is there again: */
    struct {
        int64_t left, seconds;
    } requests, bytes;
};

/* Counts a request with a body of so many bytes against the team's rates; not when it is over.
 */
struct team_verdict team_enter(struct teams *teams, struct team *team, int64_t bytes,
                               int64_t now);
/* More bytes than were announced have come. */
void team_charge(struct teams *teams, struct team *team, int64_t bytes);

/* All teams by `next`, the latest first. */
const struct team *teams_first(struct teams *teams);
/* A copy, for printing. */
struct team_facts team_look(struct teams *teams, const struct team *team);
