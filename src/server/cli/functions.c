/* functions.c - the catalogue of the core as a page of Markdown. */
#include "functions.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "score.h"

/* ---- text ---- */

/* Text of a cell or a line, where these characters would mean something. */
static void print_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("|*<\\", *text) != NULL) fputc('\\', out);
        fputc(*text, out);
    }
}

/* The same as a sentence. */
static void print_sentence(FILE *out, const char *text)
{
    const size_t size = strlen(text);

    if (size == 0) return;
    fputc(toupper((unsigned char)text[0]), out);
    print_text(out, text + 1);
    if (text[size - 1] != '.') fputc('.', out);
}

/* "none|tanh" as `none`, `tanh`. */
static void print_words(FILE *out, const char *words)
{
    for (const char *end; *words != '\0'; words = end + (*end == '|')) {
        end = words + strcspn(words, "|");
        fprintf(out, "`%.*s`%s", (int)(end - words), words, *end == '|' ? ", " : "");
    }
}

/* ---- inputs ---- */

/* "bool, integers, floating": whole groups by their name. */
static void print_dtypes(FILE *out, uint32_t dtypes)
{
    static const struct {
        enum sc_dtype first, last;
        const char *name;
    } groups[] = {{SC_BOOL, SC_BOOL, "bool"},
                  {SC_UINT8, SC_INT64, "integers"},
                  {SC_FLOAT16, SC_FLOAT64, "floating"}};
    const char *comma = "";

    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        const uint32_t group = (2u << groups[g].last) - (1u << groups[g].first);

        if ((dtypes & group) == group) {
            fprintf(out, "%s%s", comma, groups[g].name);
            comma = ", ";
            continue;
        }
        for (unsigned d = groups[g].first; d <= groups[g].last; d++) {
            if ((dtypes & 1u << d) == 0) continue;
            fprintf(out, "%s%s", comma, sc_dtype_name((enum sc_dtype)d));
            comma = ", ";
        }
    }
}

static void print_input(FILE *out, const struct sc_input *input)
{
    fprintf(out, "| `%s`%s | ", input->name, input->required ? "" : " (optional)");
    print_dtypes(out, input->dtypes);
    fputs(" | ", out);
    print_text(out, input->shape);
    fputs(" | ", out);
    print_text(out, input->values[0] != '\0' ? input->values : "any");
    fputs(" | ", out);
    print_text(out, input->summary);
    if (input->repeated) fputs("; may come several times", out);
    if (input->differentiable) fputs("; differentiable", out);
    fputs(" |\n", out);
}

static void print_inputs(FILE *out, const struct sc_op *op)
{
    fputs("\n| input | dtypes | shape | values | |\n|---|---|---|---|---|\n", out);
    for (int i = 0; i < op->inputs; i++) print_input(out, &op->input[i]);
}

/* ---- parameters ---- */

static const char *const type_name[] = {
#define NAME(id, name, takes, prose) prose,
    SC_PARAM_TYPE_MAP(NAME)
#undef NAME
};

static void print_range(FILE *out, const struct sc_param *p)
{
    char bounds[SC_BOUNDS_TEXT];

    fputs(sc_param_bounds(p, bounds), out);
    if (sc_param_most(p) != 0) fprintf(out, "; at most %d of them", sc_param_most(p));
}

static void print_values(FILE *out, const struct sc_param *p)
{
    if (p->type == SC_PARAM_ENUM)
        print_words(out, p->values);
    else if (p->type == SC_PARAM_BOOL)
        print_words(out, "false|true");
    else if (p->type == SC_PARAM_TEXT_LIST)
        fputs("any", out);
    else
        print_range(out, p);
}

static void print_param(FILE *out, const struct sc_param *p)
{
    fprintf(out, "| `%s` | %s | ", p->name, type_name[p->type]);
    if (p->preset != NULL)
        fprintf(out, "`%s`", p->preset);
    else
        fputs(p->required ? "required" : "none", out);
    fputs(" | ", out);
    print_values(out, p);
    fputs(" | ", out);
    print_text(out, p->summary);
    fputs(" |\n", out);
}

static void print_params(FILE *out, const struct sc_op *op)
{
    if (op->params == 0) return;
    fputs("\n| parameter | type | default | values | |\n|---|---|---|---|---|\n", out);
    for (int i = 0; i < op->params; i++) print_param(out, &op->param[i]);
}

/* ---- an operation ---- */

/* A formula is code, a line for each of its parts. */
static void print_formula(FILE *out, const char *formula)
{
    for (const char *end; *formula != '\0'; formula = end + (*end == ';' ? 2 : 0)) {
        const char *part = strstr(formula, "; ");

        end = part != NULL ? part : formula + strlen(formula);
        fprintf(out, "    %.*s\n", (int)(end - formula), formula);
    }
}

/* Is each element of the result a function of one element of the first input, so that there is
 * a curve to draw? Profiles tell by the shapes. */
static bool is_curve(const struct sc_op *op)
{
    const char *shape = op->input[0].shape;

    if (op->family == SC_METRICS) return false;
    if (strcmp(shape, "any") != 0 && strncmp(shape, "any;", 4) != 0) return false;
    for (int i = 1; i < op->inputs; i++)
        if (op->input[i].required && strncmp(op->input[i].shape, "that of", 7) != 0)
            return false;
    return true;
}

static void print_notes(FILE *out, const char *notes)
{
    if (notes[0] != '\0') fputc('\n', out);
    for (const char *end; *notes != '\0'; notes = end + (*end == '\n')) {
        end = notes + strcspn(notes, "\n");
        fprintf(out, "- %.*s\n", (int)(end - notes), notes);
    }
}

static void print_op(FILE *out, const struct sc_op *op)
{
    fprintf(out, "\n### %s/%s\n\n", sc_family_name(op->family), op->name);
    print_sentence(out, op->summary);
    fputs("\n\n", out);
    print_formula(out, op->formula);
    if (is_curve(op))
        fprintf(out, "\n![%s and its derivative](plots/%s.svg)\n", op->name, op->name);
    print_inputs(out, op);
    print_params(out, op);
    fprintf(out, "\n%s Source: ",
            op->mergeable ? "Mergeable: a data set can be scored in pieces."
                          : "One-shot: the report is of one request.");
    print_sentence(out, op->source);
    fputc('\n', out);
    print_notes(out, op->notes);
}

/* ---- the page ---- */

static void print_index(FILE *out, enum sc_family family)
{
    const char *name = sc_family_name(family);

    fprintf(out, "\n## %c%s\n\n| operation | what it is |\n|---|---|\n", toupper(name[0]),
            name + 1);
    for (int i = 0; i < sc_op_count; i++) {
        if (sc_ops[i].family != family) continue;
        fprintf(out, "| [%s](#%s%s) | ", sc_ops[i].name, name, sc_ops[i].name);
        print_text(out, sc_ops[i].summary);
        fputs(" |\n", out);
    }
}

void functions_print(FILE *out)
{
    fputs("# Functions\n\nEvery operation, as the program knows it: `scored functions` prints "
          "this "
          "page, `make docs` writes it.\nWhat all operations share (formats, dtypes, replies, "
          "errors) is in the contract, `GET /openapi.yaml`.\n",
          out);
    for (int f = 0; f < SC_FAMILY_COUNT; f++) {
        print_index(out, (enum sc_family)f);
        for (int i = 0; i < sc_op_count; i++)
            if (sc_ops[i].family == (enum sc_family)f) print_op(out, &sc_ops[i]);
    }
}
