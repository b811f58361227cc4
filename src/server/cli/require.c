/* require.c - reading requirements, finding the values that they name, and comparing. */
#include "require.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "suggest.h"

#define EXAMPLES "such as mean_iou>=0.7, classes.3.iou>0.5 or status==ok"

enum relation { AT_LEAST, AT_MOST, SAME, OTHER, ABOVE, BELOW, RELATIONS };

/* Longer ones first: ">=" is not ">". */
static const char *const relations[RELATIONS] = {">=", "<=", "==", "!=", ">", "<"};

/* ---- reading ---- */

static const char *trimmed(struct sc_arena *arena, const char *text, size_t size)
{
    while (size > 0 && *text == ' ') text++, size--;
    while (size > 0 && text[size - 1] == ' ') size--;
    return sc_arena_strndup(arena, text, size);
}

static int relation_at(const char *text)
{
    int relation = 0;

    while (relation < RELATIONS &&
           strncmp(text, relations[relation], strlen(relations[relation])) != 0)
        relation++;
    return relation;
}

static bool is_complete(const struct requirement *r)
{
    return r->path[0] != '\0' && r->word[0] != '\0' &&
           (r->is_number || r->relation == SAME || r->relation == OTHER);
}

enum sc_status require_read(const char *text, struct sc_arena *arena, struct requirement *out,
                            struct sc_note *note)
{
    const size_t size = strcspn(text, "<>=!");
    const int relation = relation_at(text + size);
    const char *word = text + size + (relation < RELATIONS ? strlen(relations[relation]) : 0);
    char *end;

    *out = (struct requirement){.text = text,
                                .path = trimmed(arena, text, size),
                                .relation = relation,
                                .word = trimmed(arena, word, strlen(word))};
    if (out->path == NULL || out->word == NULL)
        return sc_fail(note, SC_NO_MEMORY, NULL, "no memory for a requirement");
    out->number = strtod(out->word, &end);
    out->is_number = end != out->word && *end == '\0' && !isnan(out->number);
    if (relation < RELATIONS && is_complete(out)) return SC_OK;
    return sc_fail(note, SC_BAD_PARAM, NULL,
                   "--require '%.100s' is not PATH RELATION NUMBER, " EXAMPLES, text);
}

/* ---- finding ---- */

/* What a path leads to. */
struct found {
    enum { NOTHING, ABSENT, NUMBER, WORD } kind; /* ABSENT: null or NaN */
    double number;
    const char *word; /* NULL: null */
};

static struct found number(double value)
{
    return (struct found){.kind = sc_is_none(value) ? ABSENT : NUMBER, .number = value};
}

static struct found word(const char *text)
{
    return (struct found){.kind = text ? WORD : ABSENT, .word = text};
}

static struct found scalar(const struct sc_value *v)
{
    switch (v->kind) {
    case SC_VALUE_INT:
        return number((double)v->as.integer);
    case SC_VALUE_REAL:
        return number(v->as.real);
    case SC_VALUE_BOOL:
        return word(v->as.boolean ? "true" : "false");
    case SC_VALUE_TEXT:
        return word(v->as.text);
    default:
        return (struct found){.kind = NOTHING};
    }
}

static struct found cell(const struct sc_column *c, size_t row)
{
    if (c->kind == SC_VALUE_INT) return number((double)c->cell.integer[row]);
    if (c->kind == SC_VALUE_REAL) return number(c->cell.real[row]);
    return word(c->cell.text[row]);
}

/* Is the row called so: by its number in the first column, or by its name? */
static bool is_row(const struct sc_table *t, size_t row, const char *key, size_t size)
{
    char text[24];

    for (size_t i = 0; i < t->columns; i++) {
        const struct sc_column *c = &t->column[i];
        const char *own = text;

        if (i == 0 && c->kind == SC_VALUE_INT)
            snprintf(text, sizeof text, "%lld", (long long)c->cell.integer[row]);
        else if (c->kind == SC_VALUE_TEXT && strcmp(c->name, "name") == 0)
            own = c->cell.text[row];
        else
            continue;
        if (own != NULL && strlen(own) == size && memcmp(own, key, size) == 0) return true;
    }
    return false;
}

/* "3.iou"; names of rows may have dots. */
static struct found in_table(const struct sc_table *t, const char *path)
{
    const char *dot = strrchr(path, '.');

    for (size_t row = 0; dot != NULL && row < t->rows; row++) {
        if (!is_row(t, row, path, (size_t)(dot - path))) continue;
        for (size_t i = 0; i < t->columns; i++)
            if (strcmp(t->column[i].name, dot + 1) == 0) return cell(&t->column[i], row);
    }
    return (struct found){.kind = NOTHING};
}

static struct found element(const struct sc_tensor *t, int64_t at)
{
    if (t->dtype == SC_INT64) return number((double)((const int64_t *)t->data)[at]);
    if (t->dtype == SC_FLOAT64) return number(((const double *)t->data)[at]);
    return (struct found){.kind = NOTHING};
}

/* "0.1" */
static struct found in_list(const struct sc_tensor *t, const char *path)
{
    int64_t at = 0;

    for (int d = 0; d < t->rank; d++) {
        const size_t digits = strspn(path, "0123456789");
        const int64_t index = strtoll(path, NULL, 10);

        if (digits == 0 || digits > 9 || index >= t->dim[d] ||
            path[digits] != (d + 1 < t->rank ? '.' : '\0'))
            return (struct found){.kind = NOTHING};
        at = at * t->dim[d] + index;
        path += digits + 1;
    }
    return element(t, at);
}

static struct found in_value(const struct sc_value *v, const char *path)
{
    if (v->kind == SC_VALUE_TABLE) return in_table(&v->as.table, path);
    if (v->kind == SC_VALUE_LIST && v->as.tensor.rank > 0) return in_list(&v->as.tensor, path);
    return (struct found){.kind = NOTHING};
}

static struct found in_report(const struct sc_report *report, const char *path)
{
    struct found found = {.kind = NOTHING};

    for (size_t i = 0; i < report->count && found.kind == NOTHING; i++) {
        const struct sc_value *v = &report->value[i];
        const size_t size = strlen(v->name);

        if (strncmp(path, v->name, size) != 0) continue;
        if (path[size] == '\0') found = scalar(v);
        if (path[size] == '.') found = in_value(v, path + size + 1);
    }
    return found;
}

static struct found in_results(const struct codec_results *results, const char *path)
{
    const struct sc_report *sole = codec_sole(results);

    if (sole != NULL) return in_report(sole, path);
    for (size_t i = 0; i < results->count; i++) {
        const struct codec_result *one = &results->item[i];
        const size_t size = strlen(one->name);

        if (strncmp(path, one->name, size) == 0 && path[size] == '.')
            return in_report(one->report, path + size + 1);
    }
    return (struct found){.kind = NOTHING};
}

/* ---- judging ---- */

/* Of a number, what the style shows. */
static struct found shown(struct found found, const struct codec_style *style)
{
    if (found.kind != NUMBER || isfinite(found.number)) return found;
    if (!style->nonfinite_token) return word(NULL);
    if (isnan(found.number)) return (struct found){.kind = ABSENT, .word = "NaN"};
    return found;
}

static bool compare(int relation, double a, double b)
{
    switch (relation) {
    case AT_LEAST:
        return a >= b;
    case AT_MOST:
        return a <= b;
    case SAME:
        return a == b;
    case OTHER:
        return a != b;
    case ABOVE:
        return a > b;
    default:
        return a < b;
    }
}

static enum sc_status unknown(const struct requirement *r, const struct codec_results *results,
                              struct sc_note *note)
{
    const struct sc_report *sole = codec_sole(results);
    struct suggestions near = {.count = 0};

    for (size_t i = 0; sole != NULL && i < sole->count; i++)
        suggest_near(&near, r->path, sole->value[i].name);
    if (near.count > 0)
        return sc_fail(note, SC_BAD_PARAM, NULL,
                       "--require '%.100s': the report has no value %.100s; did you mean %s?",
                       r->text, r->path, near.name[0]);
    return sc_fail(note, SC_BAD_PARAM, NULL,
                   "--require '%.100s': the report has no value %.100s; paths are %s" EXAMPLES,
                   r->text, r->path, sole ? "" : "OP.PATH here: losses/dice.value, else ");
}

enum sc_status require_judge(const struct requirement *r, const struct codec_results *results,
                             const struct codec_style *style, bool *met, struct sc_note *note)
{
    const struct found found = shown(in_results(results, r->path), style);
    char text[SC_NUMBER_TEXT];
    const char *value = found.word ? found.word : "null";

    if (found.kind == NOTHING) return unknown(r, results, note);
    if (found.kind == NUMBER && !r->is_number)
        return sc_fail(note, SC_BAD_PARAM, NULL, "--require '%.100s': %.100s is a number",
                       r->text, r->path);
    if (found.kind == WORD && r->relation != SAME && r->relation != OTHER)
        return sc_fail(note, SC_BAD_PARAM, NULL, "--require '%.100s': %.100s is no number",
                       r->text, r->path);
    *met = found.kind == NUMBER ? compare(r->relation, found.number, r->number)
           : found.kind == WORD ? (strcmp(value, r->word) == 0) == (r->relation == SAME)
                                : false;
    if (found.kind == NUMBER) value = sc_number_text(text, found.number);
    snprintf(note->detail, sizeof note->detail, "required is %.100s, but %.100s is %.60s",
             r->text, r->path, value);
    return SC_OK;
}
