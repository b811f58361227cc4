/* tls.c - certificates in and out of GnuTLS. */
#include "tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define CHAIN_MAX 16

struct identity {
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
    struct identity *before; /* handshakes may still show it */
    int64_t replaced;        /* by the next one; of sc_clock_us */
};

static struct identity *_Atomic current;

/* ---- reading ---- */

/* A code of GnuTLS as a status; below 0 it has failed. */
static enum sc_status judge(const char *path, int code, struct sc_note *note)
{
    if (code >= 0) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL, "cannot read %.200s: %s", path,
                   gnutls_strerror(code));
}

static enum sc_status read_chain(struct identity *id, const char *path, struct sc_note *note)
{
    gnutls_datum_t text;
    int code;

    SC_TRY(judge(path, gnutls_load_file(path, &text), note));
    id->count = CHAIN_MAX;
    code =
        gnutls_pcert_list_import_x509_raw(id->chain, &id->count, &text, GNUTLS_X509_FMT_PEM, 0);
    gnutls_free(text.data);
    if (code < 0) id->count = 0;
    return judge(path, code, note);
}

static enum sc_status read_key(struct identity *id, const char *path, struct sc_note *note)
{
    gnutls_datum_t text;
    int code;

    SC_TRY(judge(path, gnutls_load_file(path, &text), note));
    code = gnutls_privkey_import_x509_raw(id->key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(text.data, 0, text.size);
    gnutls_free(text.data);
    return judge(path, code, note);
}

/* Is the key that of the first certificate? */
static bool belongs(const struct identity *id)
{
    unsigned char theirs[64], ours[64];
    size_t size = sizeof theirs, own = sizeof ours;
    gnutls_pubkey_t public;
    bool same = false;

    if (gnutls_pubkey_init(&public) < 0) return false;
    if (gnutls_pubkey_import_privkey(public, id->key, 0, 0) == 0 &&
        gnutls_pubkey_get_key_id(public, 0, ours, &own) == 0 &&
        gnutls_pubkey_get_key_id(id->chain[0].pubkey, 0, theirs, &size) == 0)
        same = size == own && memcmp(ours, theirs, size) == 0;
    gnutls_pubkey_deinit(public);
    return same;
}

static enum sc_status read_both(struct identity *id, const char *certificates, const char *key,
                                struct sc_note *note)
{
    SC_TRY(read_chain(id, certificates, note));
    SC_TRY(read_key(id, key, note));
    if (id->count > 0 && belongs(id)) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL,
                   "the key in %.100s is not that of the first certificate in %.100s", key,
                   certificates);
}

static void forget(struct identity *id)
{
    for (unsigned i = 0; i < id->count; i++) gnutls_pcert_deinit(&id->chain[i]);
    gnutls_privkey_deinit(id->key);
    free(id);
}

static void forget_all(struct identity *id)
{
    while (id != NULL) {
        struct identity *before = id->before;

        forget(id);
        id = before;
    }
}

/* Forgets those behind `id` that were replaced before every handshake that goes on now. */
static void forget_old(struct identity *id, int64_t longest)
{
    const int64_t began = sc_clock_us() - longest * 1000000;

    while (id->before != NULL && id->before->replaced >= began) id = id->before;
    forget_all(id->before);
    id->before = NULL;
}

enum sc_status tls_load(const char *certificates, const char *key, int64_t longest,
                        struct sc_note *note)
{
    struct identity *id = calloc(1, sizeof *id);
    enum sc_status status;

    if (id == NULL || gnutls_privkey_init(&id->key) < 0) {
        free(id);
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a certificate");
    }
    status = read_both(id, certificates, key, note);
    if (status != SC_OK) {
        forget(id);
        return status;
    }
    id->before = atomic_load(&current);
    if (id->before != NULL) id->before->replaced = sc_clock_us();
    atomic_store(&current, id);
    forget_old(id, longest);
    return SC_OK;
}

void tls_done(void)
{
    forget_all(atomic_exchange(&current, NULL));
}

/* ---- showing ---- */

static int retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int count,
                    const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                    gnutls_pcert_st **chain, unsigned *chain_size, gnutls_privkey_t *key)
{
    struct identity *id = atomic_load(&current);

    (void)session, (void)authorities, (void)count, (void)algorithms, (void)algorithm_count;
    if (id == NULL) return -1;
    *chain = id->chain;
    *chain_size = id->count;
    *key = id->key;
    return 0;
}

void *tls_retrieve(void)
{
    return (void *)retrieve;
}

/* ---- bytes ---- */

bool tls_send(struct MHD_Connection *connection, const void *data, size_t size)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    return info != NULL && info->tls_session != NULL &&
           gnutls_record_send(info->tls_session, data, size) == (ssize_t)size;
}

static int talk(gnutls_session_t session, const char *request, char *answer, size_t size)
{
    ssize_t got = -1;
    int code;

    do code = gnutls_handshake(session);
    while (code < 0 && !gnutls_error_is_fatal(code) && code != GNUTLS_E_AGAIN);
    if (code == 0 && gnutls_record_send(session, request, strlen(request)) > 0)
        got = gnutls_record_recv(session, answer, size);
    return got > 0 ? (int)got : -1;
}

int tls_ask(int fd, const char *request, char *answer, size_t size)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    int got = -1;

    if (gnutls_certificate_allocate_credentials(&credentials) < 0) return -1;
    if (gnutls_init(&session, GNUTLS_CLIENT) == 0) {
        gnutls_set_default_priority(session);
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
        gnutls_transport_set_int(session, fd);
        got = talk(session, request, answer, size);
        gnutls_deinit(session);
    }
    gnutls_certificate_free_credentials(credentials);
    return got;
}
