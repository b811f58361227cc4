/* reply.c - the ways to answer with status 200. */
#include "reply.h"

#define HEAD_TEXT ((size_t)256 << 10) /* that a writer can reach by doubling in a head */
#define KEPT_MAX  ((size_t)4 << 20)   /* of one reply that is kept, while it grows */

void reply_bytes(struct http_request *rq, const char *content_type, struct sc_bytes body)
{
    rq->reply.status = 200;
    rq->reply.content_type = content_type;
    rq->reply.body = body;
    rq->reply.pieces = (struct sc_pieces){.count = 0};
}

enum sc_status reply_written(struct http_request *rq, const char *content_type,
                             struct sc_writer *out)
{
    struct sc_pieces pieces = {.count = 0};

    if (out->views > 0) pieces = sc_writer_pieces(out);
    if (out->failed) return sc_fail(&rq->note, SC_NO_MEMORY, NULL, "no memory for the reply");
    reply_bytes(rq, content_type, sc_bytes(out->data, out->size));
    rq->reply.pieces = pieces;
    return SC_OK;
}

enum sc_status reply_counted(struct http_request *rq, struct sc_budget *budget)
{
    if (sc_arena_charge(&rq->arena, budget)) return SC_OK;
    return sc_fail(&rq->note, SC_NO_MEMORY, NULL, "no memory for the reply");
}

/* At once: a writer that doubles would hold the old and the new. */
enum sc_status reply_room(struct http_request *rq, struct sc_writer *out, size_t size,
                          struct sc_budget *budget)
{
    if (size <= HEAD_TEXT) return SC_OK;
    SC_TRY(reply_counted(rq, budget));
    rq->arena.limit += 2 * size; /* a capacity is a power of two */
    sc_writer_reserve(out, size);
    return SC_OK;
}

struct json_writer reply_json(struct http_request *rq, struct sc_writer *out)
{
    static const struct codec_style style;
    struct json_writer j = {.out = out, .style = &style};

    sc_writer_init(out, &rq->arena);
    json_open(&j, NULL, '{');
    return j;
}

enum sc_status reply_json_end(struct http_request *rq, struct json_writer *j)
{
    json_close(j, '}');
    sc_write_byte(j->out, '\n');
    return reply_written(rq, "application/json", j->out);
}

static struct sc_bytes make_kept(struct reply_kept *kept, void (*write)(struct json_writer *j))
{
    static const struct codec_style style;
    struct sc_writer out;
    struct json_writer j = {.out = &out, .style = &style};

    sc_arena_init(&kept->arena, KEPT_MAX, NULL);
    sc_writer_init(&out, &kept->arena);
    write(&j);
    if (!out.failed) return sc_bytes(out.data, out.size);
    sc_arena_done(&kept->arena);
    return sc_bytes(NULL, 0);
}

enum sc_status reply_json_kept(struct http_request *rq, struct reply_kept *kept,
                               void (*write)(struct json_writer *j))
{
    struct sc_bytes body;

    pthread_mutex_lock(&kept->lock);
    if (kept->body.size == 0) kept->body = make_kept(kept, write);
    body = kept->body;
    pthread_mutex_unlock(&kept->lock);
    if (body.size == 0)
        return sc_fail(&rq->note, SC_NO_MEMORY, NULL, "no memory for the reply");
    reply_bytes(rq, "application/json", body);
    return SC_OK;
}
