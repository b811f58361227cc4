/* json_check.c - the grammar of RFC 8259, without recursion. */
#include <string.h>

#include "isa.h"
#include "json.h"
#include "json_cursor.h"
#include "json_keys.h"
#include "utf8.h"

#define DEPTH_MAX 512   /* the largest limit that can be configured */
#define KEYS_MAX  65536 /* of one object */
#ifdef FUZZING
#define MARK_MIN 1
#else
#define MARK_MIN 1024 /* bytes of an array that is measured at once */
#endif

struct check {
    struct json_cursor c;
    const uint8_t *begin;
    bool nonfinite; /* NaN and infinities are taken */
    int depth, max_depth;
    uint8_t close[DEPTH_MAX]; /* the closing bracket of each open container */
    size_t first[DEPTH_MAX];  /* the number of its first key */
    struct json_keys keys;
    struct json_marks *marks;
    const uint8_t *mixed; /* an array before this was no array of numbers: none tries again */
    struct sc_note *note;
};

static size_t place(const struct check *k)
{
    return (size_t)(k->c.at - k->begin);
}

static enum sc_status broken(const struct check *k, const char *what)
{
    if (k->c.at >= k->c.end)
        return sc_fail(k->note, SC_MALFORMED, NULL, "JSON: %s, but the text ends", what);
    return sc_fail(k->note, SC_MALFORMED, NULL, "JSON: %s at byte %zu", what, place(k));
}

static bool is_digit(const struct check *k)
{
    return k->c.at < k->c.end && *k->c.at >= '0' && *k->c.at <= '9';
}

static bool take(struct check *k, uint8_t byte)
{
    if (k->c.at >= k->c.end || *k->c.at != byte) return false;
    k->c.at++;
    return true;
}

static enum sc_status take_digits(struct check *k)
{
    if (!is_digit(k)) return broken(k, "expected a digit");
    while (is_digit(k)) k->c.at++;
    return SC_OK;
}

static bool take_word(struct check *k, const char *word)
{
    const size_t size = strlen(word);

    if ((size_t)(k->c.end - k->c.at) < size || memcmp(k->c.at, word, size) != 0) return false;
    k->c.at += size;
    return true;
}

static enum sc_status number(struct check *k)
{
    take(k, '-');
    if (k->nonfinite && take_word(k, "Infinity")) return SC_OK;
    if (take(k, '0')) {
        if (is_digit(k)) return broken(k, "a number with a leading zero");
    } else {
        SC_TRY(take_digits(k));
    }
    if (take(k, '.')) SC_TRY(take_digits(k));
    if (take(k, 'e') || take(k, 'E')) {
        if (!take(k, '+')) take(k, '-');
        SC_TRY(take_digits(k));
    }
    return SC_OK;
}

static enum sc_status code_unit(struct check *k, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, k->c.at++) {
        const uint8_t byte = k->c.at < k->c.end ? *k->c.at : 0, letter = byte | 32;

        if (byte >= '0' && byte <= '9')
            *out = *out << 4 | (byte - '0');
        else if (letter >= 'a' && letter <= 'f')
            *out = *out << 4 | (letter - 'a' + 10u);
        else
            return broken(k, "expected four hexadecimal digits after \\u");
    }
    return SC_OK;
}

static enum sc_status escape(struct check *k)
{
    uint32_t unit;

    if (k->c.at < k->c.end && *k->c.at != '\0' && strchr("\"\\/bfnrt", *k->c.at) != NULL) {
        k->c.at++;
        return SC_OK;
    }
    if (!take(k, 'u')) return broken(k, "an unknown escape");
    SC_TRY(code_unit(k, &unit));
    if (unit < 0xd800 || unit > 0xdfff) return SC_OK;
    if (unit < 0xdc00 && take_word(k, "\\u")) {
        SC_TRY(code_unit(k, &unit));
        if (unit >= 0xdc00 && unit <= 0xdfff) return SC_OK;
    }
    return broken(k, "half of a surrogate pair");
}

/* Past the closing quote; `out` is what stands between the quotes. */
static enum sc_status string(struct check *k, struct sc_bytes *out)
{
    const uint8_t *begin = ++k->c.at;

    while (k->c.at = codec_isa()->plain(k->c.at, k->c.end), !take(k, '"')) {
        const size_t length = utf8_length(k->c.at, k->c.end);

        if (k->c.at >= k->c.end) return broken(k, "expected a closing quote");
        if (length == 0) return broken(k, "a text that is not UTF-8");
        if (*k->c.at < ' ') return broken(k, "a control character in a text");
        k->c.at += length;
        if (k->c.at[-1] == '\\' && length == 1) SC_TRY(escape(k));
    }
    *out = sc_bytes(begin, (size_t)(k->c.at - 1 - begin));
    return SC_OK;
}

static enum sc_status key(struct check *k)
{
    struct sc_bytes text = {0};
    const uint8_t first = json_peek(&k->c);
    const size_t begin = place(k);

    if (first != '"') return broken(k, "expected a key in quotes");
    if (k->keys.count - k->first[k->depth - 1] >= KEYS_MAX)
        return sc_fail(k->note, SC_TOO_LARGE, NULL, "JSON: more than %d keys in one object",
                       KEYS_MAX);
    SC_TRY(string(k, &text));
    SC_TRY(json_keys_add(&k->keys, text, begin, k->note));
    if (json_peek(&k->c) != ':') return broken(k, "expected ':'");
    k->c.at++;
    return SC_OK;
}

/* Opens a container; `filled`: something other than its end follows. */
static enum sc_status open_container(struct check *k, uint8_t bracket, bool *filled)
{
    if (k->depth >= k->max_depth)
        return sc_fail(k->note, SC_TOO_LARGE, NULL,
                       "JSON: nested deeper than %d at byte %zu (limit json_depth)",
                       k->max_depth, place(k));
    k->c.at++;
    k->close[k->depth] = bracket + 2; /* in ASCII, both kinds of bracket close two further */
    k->first[k->depth] = k->keys.count;
    *filled = json_peek(&k->c) != k->close[k->depth];
    k->depth++;
    return SC_OK;
}

/* Takes a whole array of numbers, if one begins here and is large. What is none, or has a
 * mistake, the others read again, and say so. */
static bool take_numbers(struct check *k)
{
    const int room = k->max_depth - k->depth;
    json_measure_fn *const measure = codec_isa()->measure;
    struct json_mark mark = {.begin = k->c.at};

    if (k->marks == NULL || measure == NULL) return false;
    if (k->c.end - k->c.at < MARK_MIN || k->c.at < k->mixed) return false;
    mark.end = measure(k->c.at, k->c.end, room < SC_RANK_MAX ? room : SC_RANK_MAX, k->nonfinite,
                       &mark.extent, &k->mixed);
    if (mark.end == NULL) return false;
    if (mark.end - mark.begin >= MARK_MIN) json_mark_add(k->marks, &mark, k->keys.arena);
    k->c.at = mark.end;
    return true;
}

static enum sc_status value(struct check *k, bool *filled)
{
    const uint8_t first = json_peek(&k->c);
    struct sc_bytes text = {0};

    *filled = false;
    if (first == '[' && take_numbers(k)) return SC_OK;
    if (first == '[' || first == '{') return open_container(k, first, filled);
    if (first == '"') return string(k, &text);
    if (first == '-' || is_digit(k)) return number(k);
    if (take_word(k, "true") || take_word(k, "false") || take_word(k, "null")) return SC_OK;
    if (k->nonfinite && (take_word(k, "NaN") || take_word(k, "Infinity"))) return SC_OK;
    return broken(k, "expected a value");
}

static enum sc_status close_keys(struct check *k)
{
    size_t twice = place(k);
    const enum sc_status status =
        json_keys_close(&k->keys, k->first[k->depth], &twice, k->note);

    if (status != SC_OK) k->c.at = k->begin + twice;
    return status;
}

/* Behind a value: takes the brackets that close here, then a comma if there is one. */
static enum sc_status close_or_comma(struct check *k)
{
    while (k->depth > 0) {
        const uint8_t byte = json_peek(&k->c), bracket = k->close[k->depth - 1];

        if (byte != ',' && byte != bracket)
            return broken(k, bracket == ']' ? "expected ',' or ']'" : "expected ',' or '}'");
        k->c.at++;
        if (byte == ',') return SC_OK;
        k->depth--;
        SC_TRY(close_keys(k));
    }
    return SC_OK;
}

static enum sc_status text(struct check *k)
{
    do {
        bool filled;

        if (k->depth > 0 && k->close[k->depth - 1] == '}') SC_TRY(key(k));
        SC_TRY(value(k, &filled));
        if (!filled) SC_TRY(close_or_comma(k));
    } while (k->depth > 0);
    json_peek(&k->c);
    return k->c.at == k->c.end ? SC_OK : broken(k, "expected the end of the text");
}

enum sc_status json_check_marking(struct sc_bytes json, const struct json_rules *rules,
                                  struct json_marks *marks, struct sc_arena *arena,
                                  struct sc_note *note)
{
    struct check k = {.begin = json.data, .marks = marks, .note = note, .keys.arena = arena};
    enum sc_status status;

    k.c = json_cursor(json);
    k.nonfinite = rules->nonfinite;
    k.max_depth = rules->depth < DEPTH_MAX ? (int)rules->depth : DEPTH_MAX;
    status = text(&k);
    if (status != SC_OK && rules->where != NULL) *rules->where = place(&k);
    return status;
}

enum sc_status json_check(struct sc_bytes json, const struct json_rules *rules,
                          struct sc_arena *arena, struct sc_note *note)
{
    return json_check_marking(json, rules, NULL, arena, note);
}
