/* keyfile.h - the file of --keys: teams, hashes of their keys, weights, quotas, rights.
 *
 *   {"teams": [
 *     {"team": "vision", "weight": 3, "rights": ["score"], "keys": ["sha256:..."],
 *      "requests_per_second": 200, "bytes_per_second": 1000000000, "concurrent_bytes":
 * 4000000000}
 *   ]}
 *
 * Everything but `team` and `keys` may be left out. */
#pragma once

#include "bytes.h"
#include "digest.h"
#include "status.h"

#define TEAM_NAME_MAX 64

enum right { RIGHT_SCORE = 1, RIGHT_ADMIN = 2 };

struct quotas {
#define QUOTA(name, unit) int64_t name; /* 0: none */
#include "quotas.def"
#undef QUOTA
};

struct keyfile_team {
    const char *name;
    int64_t weight;
    unsigned rights; /* of enum right */
    struct quotas quotas;
    size_t keys; /* how many there are */
};

struct keyfile_key {
    struct digest digest;
    size_t team;
};

struct keyfile {
    struct keyfile_team *team;
    struct keyfile_key *key;
    size_t teams, keys;
};

/* Is this a name for a team? Letters, digits, '.', '_' and '-', TEAM_NAME_MAX at most. */
bool keyfile_is_name(const char *name);

/* Reads the text of a file; results are in the arena. Refused, with "PATH:LINE: " first: what
 * is not JSON, unknown members, names or keys that come twice, and what makes no sense. */
enum sc_status keyfile_read(struct sc_bytes text, const char *path, struct sc_arena *arena,
                            struct keyfile *out, struct sc_note *note);
