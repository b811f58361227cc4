/* test_json_texts.c - texts that are JSON, and texts that are not (tests/json/texts.tsv), at
 * each level; blanks behind them let the vectors see them too. */
#include <stdio.h>

#include "decoding.h"
#include "isa.h"
#include "json.h"

#define TEXTS    "tests/json/texts.tsv"
#define LINE_MAX 16384
#define BLANKS   1100

Suite *suite_json_texts(void);

struct text {
    bool taken;
    uint8_t *data; /* as long as it may be read */
    size_t size;
};

/* "\x41" is a byte, as in Python; up to the quote at the end of the line. */
static size_t unescape(const char *from, uint8_t *to)
{
    size_t size = 0;

    for (; *from != '\0' && *from != '\n'; from++) {
        unsigned byte = (uint8_t)*from;

        if (*from == '\\') {
            ck_assert_int_eq(sscanf(from, "\\x%2x", &byte), 1);
            from += 3;
        }
        to[size++] = (uint8_t)byte;
    }
    ck_assert(size > 0 && to[size - 1] == '"');
    return size - 1;
}

/* Kind, name, text. */
static struct text read_line(const char *line)
{
    static uint8_t data[LINE_MAX];
    const char *name = strchr(line, '\t'), *at = name ? strchr(name + 1, '\t') : NULL;
    struct text text = {.taken = line[0] == 'y' || strncmp(line, "i+", 2) == 0};

    ck_assert_ptr_nonnull(at);
    text.size = unescape(at + strlen("\t\""), data);
    memset(data + text.size, ' ', BLANKS);
    text.data = malloc(text.size + BLANKS + SC_BYTES_PADDING);
    memcpy(text.data, data, text.size + BLANKS);
    memset(text.data + text.size + BLANKS, '1', SC_BYTES_PADDING);
    return text;
}

static void check(const struct text *text, size_t blanks, const char *level, const char *line)
{
    const struct json_rules rules = {.depth = 32, .nonfinite = true};
    const struct sc_bytes bytes = sc_bytes(text->data, text->size + blanks);
    struct json_marks marks = {0};
    struct sc_arena arena;
    struct sc_note note = {0};
    enum sc_status status;

    sc_arena_init(&arena, (size_t)16 << 20, NULL);
    status = json_check_marking(bytes, &rules, &marks, &arena, &note);
    ck_assert_msg((status == SC_OK) == text->taken, "%s: %s %s", level, note.detail, line);
    if (blanks == 0) {
        status = json_check(bytes, &rules, &arena, &note);
        ck_assert_msg((status == SC_OK) == text->taken, "%s: %s", line, note.detail);
    }
    sc_arena_done(&arena);
}

START_TEST(texts_are_taken_and_refused_as_the_standard_says)
{
    static const char *const levels[] = {"plain", "v1", "v3", "v4", "arm64"};
    static char line[LINE_MAX];
    FILE *file = fopen(TEXTS, "r");
    int count = 0;

    ck_assert_msg(file != NULL, "no file " TEXTS "; tests run in the root of the project");
    for (; fgets(line, sizeof line, file) != NULL; count++) {
        struct text text = read_line(line);

        for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
            if (!codec_isa_choose(levels[i])) continue;
            check(&text, 0, levels[i], line);
            check(&text, BLANKS, levels[i], line);
        }
        free(text.data);
    }
    fclose(file);
    ck_assert_int_gt(count, 700);
}
END_TEST

Suite *suite_json_texts(void)
{
    Suite *suite = suite_create("json_texts");
    TCase *cases = tcase_create("texts");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, texts_are_taken_and_refused_as_the_standard_says);
    suite_add_tcase(suite, cases);
    return suite;
}
