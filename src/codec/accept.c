/* accept.c - which formats does an Accept header ask for, and which of them has a result? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "media.h"

/* How well a media type fits a header. */
struct fit {
    double quality;    /* q of the most specific range that covers it; 0: refused */
    int specificity;   /* -1 nothing covers it, 0 for any type, 1 for type/any, 2 for itself */
    const char *place; /* the range, in the header: earlier ones are preferred */
};

static double quality_of(const char *range)
{
    char text[16];
    double q = 1;

    if (media_param(range, "q", text, sizeof text) == MEDIA_FOUND) q = strtod(text, NULL);
    return q >= 0 && q <= 1 ? q : 0;
}

static int covers(const char *range, const char *media_type)
{
    char family[32];

    if (media_is(range, media_type)) return 2;
    snprintf(family, sizeof family, "%.*s/*", (int)strcspn(media_type, "/"), media_type);
    if (media_is(range, family)) return 1;
    return media_is(range, "*/*") || media_is(range, "*") ? 0 : -1;
}

static void improve(struct fit *fit, const char *range, const char *place,
                    const char *media_type)
{
    const int specificity = covers(range, media_type);

    if (specificity > fit->specificity)
        *fit = (struct fit){quality_of(range), specificity, place};
}

static struct fit fit_of(const char *accept, const char *media_type)
{
    struct fit fit = {.specificity = -1};
    const char *at = accept;

    while (*at != '\0') {
        const size_t size = strcspn(at, ",");
        char range[128];

        snprintf(range, sizeof range, "%.*s", (int)(size < 127 ? size : 127), at);
        improve(&fit, range, at, media_type);
        at += size + (at[size] == ',');
    }
    return fit;
}

static bool is_better(const struct fit *a, const struct fit *b)
{
    if (a->quality != b->quality) return a->quality > b->quality;
    return a->place < b->place;
}

/* Inserts a form behind those that fit as well; `fit` are the fits of the forms. */
static void rank(struct codec_forms *forms, struct fit *fit, const char *accept,
                 const struct codec *codec)
{
    const struct fit own = fit_of(accept, codec->media_type);
    size_t i = forms->count;

    if (codec->encode == NULL || own.quality <= 0) return;
    for (; i > 0 && is_better(&own, &fit[i - 1]); i--) {
        fit[i] = fit[i - 1];
        forms->form[i] = forms->form[i - 1];
    }
    fit[i] = own;
    forms->form[i] = codec;
    forms->count++;
}

/* The media types that a reply may have. */
static const char *list_written(char *text, size_t size)
{
    *text = '\0';
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (codecs[i].encode != NULL) sc_list_add(text, size, "%s", codecs[i].media_type);
    return text;
}

enum sc_status codec_accept(const char *accept, struct codec_forms *out, struct sc_note *note)
{
    const struct codec *json = &codecs[CODEC_json];
    struct codec_forms forms = {.count = 0};
    struct fit fit[CODEC_COUNT];
    char written[160];

    if (accept == NULL || accept[strspn(accept, " \t,")] == '\0') accept = "*/*";
    rank(&forms, fit, accept, json);
    for (size_t i = 0; i < CODEC_COUNT; i++)
        if (&codecs[i] != json) rank(&forms, fit, accept, &codecs[i]);
    if (forms.count == 0)
        return sc_fail(note, SC_NOT_ACCEPTABLE, NULL,
                       "nothing in 'Accept: %.80s' can be had; there are %s", accept,
                       list_written(written, sizeof written));
    *out = forms;
    return SC_OK;
}

bool codec_wants_whole(const struct codec_forms *forms)
{
    size_t i = 0;

    while (i < forms->count && forms->form[i]->holds == HOLDS_ONE) i++;
    return i < forms->count && forms->form[i]->holds == HOLDS_WHOLE;
}

enum sc_status codec_encode(const struct codec_forms *forms,
                            const struct codec_results *results,
                            const struct codec_style *style, struct sc_writer *out,
                            const struct codec **used, struct sc_note *note)
{
    const struct sc_writer_mark begin = sc_writer_mark(out);
    enum sc_status status = SC_NOT_ACCEPTABLE;
    struct sc_note reason = {0};

    for (size_t i = 0; i < forms->count && status == SC_NOT_ACCEPTABLE; i++) {
        sc_writer_rewind(out, begin);
        *used = forms->form[i];
        status = forms->form[i]->encode(results, style, out, &reason);
    }
    if (status != SC_OK && note != NULL) *note = reason;
    return status;
}
