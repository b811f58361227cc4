/* teams.c - GET /v1/teams/me, /v1/teams: quotas, and what was used of them. */
#include "access.h"
#include "reply.h"

static void write_quotas(struct json_writer *j, const struct quotas *quotas)
{
    json_open(j, "quotas", '{');
#define QUOTA(name, unit)                                                                      \
    if (quotas->name > 0)                                                                      \
        json_int(j, #name, quotas->name);                                                      \
    else                                                                                       \
        json_text(j, #name, NULL);
#include "quotas.def"
#undef QUOTA
    json_close(j, '}');
}

static void write_rights(struct json_writer *j, unsigned rights)
{
    json_open(j, "rights", '[');
    if (rights & RIGHT_SCORE) json_text(j, NULL, "score");
    if (rights & RIGHT_ADMIN) json_text(j, NULL, "admin");
    json_close(j, ']');
}

static void write_usage(struct json_writer *j, const struct call *call, const struct team *team,
                        const struct team_usage *usage)
{
    const struct executor_usage now = http_usage(call->rq, &team->tenant);

    json_open(j, "usage", '{');
    json_int(j, "requests", usage->requests);
    json_int(j, "refused", usage->refused);
    json_int(j, "bytes", usage->bytes);
    json_real(j, "compute_seconds", (double)now.used_us / 1e6);
    json_int(j, "waiting", now.waiting);
    json_int(j, "concurrent_bytes", (int64_t)atomic_load(&team->tenant.budget.used));
    json_close(j, '}');
}

static void write_team(struct json_writer *j, struct call *call, const struct team *team)
{
    const struct team_facts seen = team_look(&call->server->teams, team);

    json_text(j, "team", team->name[0] != '\0' ? team->name : NULL);
    json_int(j, "weight", seen.weight);
    write_rights(j, seen.rights);
    json_int(j, "keys", (int64_t)seen.keys);
    write_quotas(j, &seen.quotas);
    write_usage(j, call, team, &seen.usage);
}

enum sc_status handle_team_me(struct call *call)
{
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

    write_team(&j, call, call->team);
    return reply_json_end(call->rq, &j);
}

#define TEAM_SIZE ((size_t)1024) /* bytes of one, generously */

static size_t size_of(const struct team *team)
{
    size_t size = TEAM_SIZE;

    for (; team != NULL; team = team->next) size += TEAM_SIZE;
    return size;
}

/* A team that is not in the file any more is still counted. */
enum sc_status handle_teams(struct call *call)
{
    struct teams *teams = &call->server->teams;
    const struct team *team = teams->path != NULL ? teams_first(teams) : &teams->everybody;
    struct sc_writer out;
    struct json_writer j = reply_json(call->rq, &out);

    SC_TRY(reply_room(call->rq, &out, size_of(team), &call->server->budget));
    json_open(&j, "teams", '[');
    for (; team != NULL; team = team->next) {
        json_open(&j, NULL, '{');
        write_team(&j, call, team);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return reply_json_end(call->rq, &j);
}
