/* draw.c - a sample for a goal: what the goal leaves free is drawn by a hash. */
#include <stdio.h>
#include <string.h>

#include "bits.h"

struct shape {
    int rank;
    int64_t dim[5];
};

/* Tiny ones, then those of `small`, then all. */
static const struct shape shapes[SHAPES_ALL] = {
    {3, {3, 4, 7}},
    {2, {5, 4}},
    {1, {4}},
    {0, {0}},
    {1, {0}},
    {2, {0, 4}},
    {2, {12, 3}},
    {3, {3, 1, 5}},
    {4, {2, 5, 3, 11}},
    {3, {1, 2, 9}},
    {4, {6, 4, 1, 2}},
    {5, {2, 6, 1, 7, 5}},
    {3, {2, 4, 4099}},
    {1, {9001}},
    {2, {4500, 4}},
    {3, {2, 19, 4200}},
    {2, {3, 10007}},
    {1, {270011}}, /* these two are work for several threads */
    {4, {3, 4, 120, 190}},
};

static bool chance(uint64_t *state, int percent)
{
    return (int)(mix(state) % 100) < percent;
}

/* ---- parameters ---- */

static bool put_number(const struct sc_param *p, double value, struct setting *out)
{
    if (value < p->min || value > p->max || (p->open & SC_OPEN_MIN && value == p->min))
        return false;
    snprintf(out->text, sizeof out->text, "%g", value);
    return p->preset == NULL || strcmp(p->preset, out->text) != 0;
}

/* The k-th number of a table that the bounds allow and that is not the default. */
static bool number_option(const struct sc_param *p, int k, struct setting *out)
{
    static const double reals[] = {0.5, 2, 0.25, 1, 0, -1.5};
    static const double integers[] = {LABELS, 1, 2, 0, 3, -1};

    for (int i = 0; i < 6; i++)
        if (put_number(p, p->type == SC_PARAM_REAL ? reals[i] : integers[i], out) && k-- == 0)
            return true;
    return false;
}

static bool word_option(const struct sc_param *p, int k, struct setting *out)
{
    const char *word = p->values;

    for (; k > 0 && word != NULL; k--) word = strchr(word, '|') ? strchr(word, '|') + 1 : NULL;
    if (word == NULL) return false;
    snprintf(out->text, sizeof out->text, "%.*s", (int)strcspn(word, "|"), word);
    return true;
}

static bool text_option(const char *const *texts, int k, struct setting *out)
{
    for (int i = 0; i < k; i++)
        if (texts[i] == NULL) return false;
    if (texts[k] == NULL) return false;
    snprintf(out->text, sizeof out->text, "%s", texts[k]);
    return true;
}

bool option_of(const struct sc_param *p, int k, struct setting *out)
{
    static const char *const booleans[] = {"true", "false", NULL};
    static const char *const integers[] = {"1", "1,3", "2", NULL};
    static const char *const reals[] = {"0.25", "0.25,0.5", "0.5,0.25,1,0.75", "1", NULL};
    static const char *const words[] = {"a,b,c,d", "a", NULL};
    static const char *const maps[] = {"0:1,1:0", "3:-1", "1:0,2:0,3:1", NULL};

    *out = (struct setting){.name = p->name};
    switch (p->type) {
    case SC_PARAM_ENUM:
        return word_option(p, k, out);
    case SC_PARAM_BOOL:
        return text_option(booleans, k, out);
    case SC_PARAM_INT:
    case SC_PARAM_REAL:
        return number_option(p, k, out);
    case SC_PARAM_INT_LIST:
        return text_option(integers, k, out);
    case SC_PARAM_REAL_LIST:
        return text_option(reals, k, out);
    case SC_PARAM_TEXT_LIST:
        return text_option(words, k, out);
    case SC_PARAM_INT_MAP:
        return text_option(maps, k, out);
    }
    return false;
}

static void draw_param(const struct sc_param *p, int option, uint64_t *state, struct sample *s)
{
    struct setting *setting = &s->set[s->sets];
    int count = 0;

    while (option_of(p, count, setting)) count++;
    if (count == 0) return;
    option_of(p, option >= 0 ? option : (int)(mix(state) % (uint64_t)count), setting);
    s->sets++;
}

static void draw_params(const struct goal *goal, uint64_t *state, struct sample *s)
{
    const int max = (int)(sizeof s->set / sizeof *s->set);
    const int often = chance(state, 50) ? 40 : 12;

    for (int i = 0; i < s->op->params && s->sets < max; i++) {
        const struct sc_param *p = &s->op->param[i];
        const bool chosen = i == goal->param;

        if (chosen || p->required || chance(state, often))
            draw_param(p, chosen ? goal->option : -1, state, s);
    }
}

/* ---- inputs ---- */

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* Which forms the text of a shape speaks of; all of them where it speaks of none. */
static unsigned forms_of(const char *text)
{
    unsigned forms = 0;

    if (has(text, "that of") || has(text, "[N, C")) forms |= 1u << SAME;
    if (has(text, "[N, ...") || has(text, "[N]") || has(text, "[]") || has(text, "without"))
        forms |= 1u << INDEX;
    if (has(text, "[C]")) forms |= 1u << CLASS;
    if (has(text, "[1]") || has(text, "one")) forms |= 1u << ONE;
    if (has(text, "broadcast")) forms |= 1u << ONE | 1u << LAST | 1u << CHANNEL;
    return forms ? forms : (1u << FORMS) - 1;
}

static enum form draw_form(const char *text, uint64_t *state)
{
    const unsigned forms = forms_of(text);
    uint64_t form;

    do form = mix(state) % FORMS;
    while (!(forms >> form & 1));
    return (enum form)form;
}

/* Half of them the common ones. */
static enum sc_dtype draw_dtype(const struct sc_input *input, int place, uint64_t *state)
{
    static const enum sc_dtype often[2][2] = {{SC_FLOAT32, SC_FLOAT64}, {SC_UINT8, SC_INT64}};
    const bool usual = chance(state, 50);
    uint64_t dtype = often[place > 0 && chance(state, 60)][mix(state) % 2];

    if (usual && (input->dtypes >> dtype & 1)) return (enum sc_dtype)dtype;
    do dtype = mix(state) % SC_DTYPE_COUNT;
    while (!(input->dtypes >> dtype & 1));
    return (enum sc_dtype)dtype;
}

static void draw_inputs(const struct goal *goal, uint64_t *state, struct sample *s)
{
    for (int i = 0; i < s->op->inputs; i++) {
        const struct sc_input *input = &s->op->input[i];

        s->form[i] = i == 0 ? SAME : draw_form(input->shape, state);
        s->dtype[i] = draw_dtype(input, i, state);
        if (i == goal->input) s->dtype[i] = (enum sc_dtype)goal->dtype;
        s->given[i] = input->required || i == goal->input || chance(state, 50);
        if (input->repeated && i == 0) s->images = chance(state, 30) ? 2 : 1;
    }
}

void draw(const struct sc_op *op, const struct goal *goal, uint64_t seed, struct sample *s)
{
    uint64_t state = seed;
    const uint64_t shape = mix(&state) % SHAPES_TINY, values = mix(&state) % VALUES;
    const struct shape *chosen = &shapes[goal->shape >= 0 ? goal->shape : (int)shape];

    *s = (struct sample){.op = op, .seed = seed, .rank = chosen->rank, .dim = chosen->dim};
    s->images = 1;
    s->values = goal->values >= 0 ? (enum values)goal->values : (enum values)values;
    draw_inputs(goal, &state, s);
    draw_params(goal, &state, s);
}
