/* access.c - keys in headers, refusals, and the headers of quotas. */
#include "access.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"

static enum sc_status refuse(struct call *call, enum problem problem, const char *challenge)
{
    call->work.problem = problem;
    call->challenge = challenge;
    return SC_BAD_INPUT;
}

/* The key behind "Bearer", perhaps an empty one; NULL: the header says something else. */
static const char *bearer(const char *authorization)
{
    static const char scheme[] = "Bearer";
    const char *key = authorization + strlen(scheme);

    if (strncasecmp(authorization, scheme, strlen(scheme)) != 0) return NULL;
    return *key == '\0' || *key == ' ' ? key + strspn(key, " ") : NULL;
}

static const char *key_of(const struct http_request *rq)
{
    const char *authorization = http_header(rq, "Authorization");
    const char *key = authorization ? bearer(authorization) : NULL;

    return key ? key : http_header(rq, "X-API-Key");
}

static enum sc_status find_team(struct call *call)
{
    struct teams *teams = &call->server->teams;
    const char *key = key_of(call->rq);

    call->team = &teams->everybody;
    if (teams->path == NULL) return SC_OK;
    if (key == NULL) {
        sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
                "%.128s needs a key: Authorization: Bearer KEY, or X-API-Key: KEY",
                call->rq->path);
        return refuse(call, PROBLEM_NO_KEY, "Bearer realm=\"scored\"");
    }
    call->team = teams_find(teams, key, strlen(key), call->rq->key_mark);
    if (call->team != NULL) return SC_OK;
    sc_fail(&call->rq->note, SC_BAD_INPUT, NULL, "this key is none of a team");
    return refuse(call, PROBLEM_NO_KEY, "Bearer realm=\"scored\", error=\"invalid_token\"");
}

static enum sc_status check_right(struct call *call)
{
    static const struct {
        enum right right;
        const char *name;
    } needs[] = {[KEY_SCORE] = {RIGHT_SCORE, "score"}, [KEY_ADMIN] = {RIGHT_ADMIN, "admin"}};
    const enum route_key key = call->route->key;

    if (key == KEY_ANY || team_may(&call->server->teams, call->team, needs[key].right))
        return SC_OK;
    sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
            "%.128s needs the right `%s`, which the team %s "
            "does not have",
            call->rq->path, needs[key].name, call->team->name);
    return refuse(call, PROBLEM_NO_RIGHT,
                  "Bearer realm=\"scored\", error=\"insufficient_scope\"");
}

int64_t access_announced(const struct http_request *rq)
{
    const char *length = http_header(rq, "Content-Length");

    return length ? strtoll(length, NULL, 10) : 0;
}

static enum sc_status check_quotas(struct call *call)
{
    const int64_t bytes = access_announced(call->rq);
    struct team_verdict *v = &call->verdict;

    *v = team_enter(&call->server->teams, call->team, bytes, sc_clock_us());
    if (v->quota == NULL) call->charged = bytes;
    if (v->quota == NULL) return SC_OK;
    call->rq->retry_after = v->seconds;
    sc_fail(&call->rq->note, SC_BAD_INPUT, NULL,
            "the team %s is over its quota `%s`, %lld; all of it is there again in %lld s",
            call->team->name, v->quota, (long long)v->limit, (long long)v->seconds);
    return refuse(call, PROBLEM_OVER_QUOTA, NULL);
}

enum sc_status access_check(struct call *call)
{
    SC_TRY(find_team(call));
    call->rq->tenant = &call->team->tenant;
    if (call->team->name[0] != '\0') call->rq->team = call->team->name;
    SC_TRY(check_right(call));
    return check_quotas(call);
}

/* Body sizes of chunked requests are known only now; a request that is served twice comes
 * twice. */
void access_received(struct call *call)
{
    const int64_t size = call->rq->came;

    if (call->received) return;
    call->received = true;
    team_charge(&call->server->teams, call->team, size - call->charged);
    call->charged = size;
}

void access_refused(struct call *call)
{
    const int64_t unused = call->charged - call->rq->came;

    if (unused <= 0) return;
    team_charge(&call->server->teams, call->team, -unused);
    call->charged -= unused;
}

/* ---- RateLimit and RateLimit-Policy: draft-ietf-httpapi-ratelimit-headers-10 ---- */

static const char *policy(const struct quotas *rate, struct sc_arena *arena)
{
    const long long requests = rate->requests_per_second, bytes = rate->bytes_per_second;

    if (bytes == 0) return sc_arena_printf(arena, "\"requests\";q=%lld;w=1", requests);
    if (requests == 0)
        return sc_arena_printf(arena, "\"bytes\";q=%lld;qu=\"content-bytes\";w=1", bytes);
    return sc_arena_printf(arena,
                           "\"requests\";q=%lld;w=1, \"bytes\";q=%lld;qu=\"content-bytes\";w=1",
                           requests, bytes);
}

static const char *left(const struct team_verdict *v, struct sc_arena *arena)
{
    const long long requests = v->requests.left, requests_s = v->requests.seconds;
    const long long bytes = v->bytes.left, bytes_s = v->bytes.seconds;

    if (v->rate.bytes_per_second == 0)
        return sc_arena_printf(arena, "\"requests\";r=%lld;t=%lld", requests, requests_s);
    if (v->rate.requests_per_second == 0)
        return sc_arena_printf(arena, "\"bytes\";r=%lld;t=%lld", bytes, bytes_s);
    return sc_arena_printf(arena, "\"requests\";r=%lld;t=%lld, \"bytes\";r=%lld;t=%lld",
                           requests, requests_s, bytes, bytes_s);
}

static void add(struct http_request *rq, const char *name, const char *value)
{
    if (value != NULL) http_reply_header(rq, name, value);
}

void access_headers(struct call *call)
{
    const struct quotas *rate = &call->verdict.rate;
    struct http_request *rq = call->rq;

    if (rq->reply.status == 0) return;
    add(rq, "WWW-Authenticate", call->challenge);
    if (rate->requests_per_second == 0 && rate->bytes_per_second == 0) return;
    add(rq, "RateLimit-Policy", policy(rate, &rq->arena));
    add(rq, "RateLimit", left(&call->verdict, &rq->arena));
}
