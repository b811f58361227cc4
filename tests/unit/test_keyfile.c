/* test_keyfile.c - the file of keys: what is taken, and where it says that something is wrong.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyfile.h"

#define HEX        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
#define KEY(digit) "\"sha256:" HEX #digit "\""

static struct sc_arena arena;
static struct keyfile file;
static struct sc_note note;

static enum sc_status reading(const char *text)
{
    memset(&note, 0, sizeof note);
    return keyfile_read(sc_bytes(text, strlen(text)), "keys.json", &arena, &file, &note);
}

static void setup(void)
{
    sc_arena_init(&arena, (size_t)16 << 20, NULL);
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

START_TEST(a_whole_file)
{
    ck_assert_int_eq(
        reading("{\"teams\": [\n"
                "  {\"team\": \"vision\", \"weight\": 3, \"rights\": [\"score\", \"admin\"],\n"
                "   \"keys\": [" KEY(1) ", " KEY(
                    2) "],\n"
                       "   \"requests_per_second\": 200, \"bytes_per_second\": 1000000000,\n"
                       "   \"concurrent_bytes\": 4000000000},\n"
                       "  {\"keys\": [" KEY(
                           3) "], \"team\": \"a.b-c_D9\"},\n"
                              "  {\"team\": \"away\", \"keys\": [], \"rights\": []}\n"
                              "]}\n"),
        SC_OK);
    ck_assert_uint_eq(file.teams, 3);
    ck_assert_uint_eq(file.keys, 3);
    ck_assert_str_eq(file.team[0].name, "vision");
    ck_assert_int_eq(file.team[0].weight, 3);
    ck_assert_uint_eq(file.team[0].rights, RIGHT_SCORE | RIGHT_ADMIN);
    ck_assert_uint_eq(file.team[0].keys, 2);
    ck_assert_int_eq(file.team[0].quotas.requests_per_second, 200);
    ck_assert_int_eq(file.team[0].quotas.bytes_per_second, 1000000000);
    ck_assert_int_eq(file.team[0].quotas.concurrent_bytes, 4000000000);
    ck_assert_int_eq(file.key[0].digest.byte[0], 0x01);
    ck_assert_int_eq(file.key[0].digest.byte[31], 0xe1);
    ck_assert_uint_eq(file.key[2].team, 1);
    ck_assert_int_eq(file.team[1].weight, 1);
    ck_assert_uint_eq(file.team[1].rights, RIGHT_SCORE);
    ck_assert_int_eq(file.team[1].quotas.requests_per_second, 0);
    ck_assert_uint_eq(file.team[2].rights, 0);
}
END_TEST

START_TEST(no_teams_at_all)
{
    ck_assert_int_eq(reading("{\"teams\": []}"), SC_OK);
    ck_assert_uint_eq(file.teams, 0);
}
END_TEST

#define TEAM(members) "{\"teams\": [\n{\"team\": \"a\",\n\"keys\": []" members "}]}"

static const struct {
    const char *text, *where, *what;
} wrong[] = {
    {"", "keys.json:1: ", "expected a value"},
    {"{\"teams\": [}", "keys.json:1: ", "expected a value"},
    {"{\"teams\":\n[\n{\"team\" \"a\"}]}", "keys.json:3: ", "expected ':'"},
    {"{\"teams\":\n\n[", "keys.json:3: ", "the text ends"},
    {"{\"teams\": []}\n{}", "keys.json:2: ", "expected the end"},
    {"{\"at byte 1\": 1,\n\n\"at byte 1\": 2}", "keys.json:3: ", "comes twice"},
    {"[\n[[[[[]]]]]]", "keys.json:2: ", "nested deeper"},
    {"[]", "keys.json:1: ", "{\"teams\": [...]}"},
    {"{}", "keys.json:1: ", "{\"teams\": [...]}"},
    {"{\n\"tems\": []}", "keys.json:2: ", "only one member"},
    {"{\"teams\": {}}", "keys.json:1: ", "teams takes a list"},
    {"{\"teams\": [\n\n7]}", "keys.json:3: ", "a team is an object"},
    {"{\"teams\": [\n{\"keys\": []}]}", "keys.json:2: ", "needs a name"},
    {"{\"teams\": [\n{\"team\": \"a\"}]}", "keys.json:2: ", "a needs a list \"keys\""},
    {"{\"teams\": [{\"team\":\n\"a b\", \"keys\": []}]}", "keys.json:2: ", "named by letters"},
    {"{\"teams\": [{\"team\": \"\", \"keys\": []}]}", "keys.json:1: ", "named by letters"},
    {"{\"teams\": [{\"team\": 7, \"keys\": []}]}", "keys.json:1: ", "a text in quotes"},
    {"{\"teams\": [{\"team\": \"a\\u0000\", \"keys\": []}]}", "keys.json:1: ", "not a text"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": []},\n{\"team\": \"a\", \"keys\": []}]}",
     "keys.json:2: ", "the team a is there twice"},
    {TEAM(",\n\"wait\": 3"), "keys.json:4: ", "no member 'wait'"},
    {TEAM(",\n\"keys\": []"), "keys.json:4: ", "'keys'"},
    {TEAM(",\n\"weight\": 0"), "keys.json:4: ", "weight takes a whole number from 1 to 1000"},
    {TEAM(",\n\"weight\": 1001"), "keys.json:4: ", "from 1 to 1000"},
    {TEAM(",\n\"weight\": 1.5"), "keys.json:4: ", "weight takes a whole number"},
    {TEAM(",\n\"weight\": \"3\""), "keys.json:4: ", "weight takes a whole number"},
    {TEAM(",\n\"requests_per_second\": -1"), "keys.json:4: ", "requests_per_second takes"},
    {TEAM(",\n\"bytes_per_second\": 1e99"), "keys.json:4: ", "bytes_per_second takes"},
    {TEAM(",\n\"concurrent_bytes\": 99999999999999999999"),
     "keys.json:4: ", "concurrent_bytes"},
    {TEAM(",\n\"rights\": \"score\""), "keys.json:4: ", "rights takes a list"},
    {TEAM(",\n\"rights\": [\"score\",\n\"root\"]"), "keys.json:5: ", "no right 'root'"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": [\n\"x\"]}]}",
     "keys.json:2: ", "64 hexadecimal"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": [\n\"sha256:" HEX "\"]}]}",
     "keys.json:2: ", "64 hex"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": [\n\"sha256:" HEX "G\"]}]}",
     "keys.json:2: ", "64 hex"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": [\n\"sha256:" HEX "A\"]}]}",
     "keys.json:2: ", "lower case"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": [" KEY(1) ",\n" KEY(1) "]}]}",
     "keys.json:2: ", "this key is there twice"},
    {"{\"teams\": [{\"team\": \"a\", \"keys\": [" KEY(
         1) "]},\n\n{\"team\": \"b\", \"keys\": [" KEY(1) "]}]}",
     "keys.json:3: ", "this key is there twice"},
};

START_TEST(teams_are_bounded)
{
    const size_t size = (size_t)1 << 20;
    char *text = malloc(size), *at = text;

    at += sprintf(at, "{\"teams\": [");
    for (int i = 0; i <= 4096; i++)
        at += sprintf(at, "%s{\"team\": \"t%d\", \"keys\": []}", i > 0 ? ",\n" : "", i);
    snprintf(at, size - (size_t)(at - text), "]}");
    ck_assert_int_ne(reading(text), SC_OK);
    ck_assert_str_eq(note.detail, "keys.json:4097: more than 4096 teams");
    free(text);
}
END_TEST

START_TEST(mistakes_are_told_with_their_line)
{
    ck_assert_int_ne(reading(wrong[_i].text), SC_OK);
    ck_assert_msg(strncmp(note.detail, wrong[_i].where, strlen(wrong[_i].where)) == 0,
                  "%s\nis not at %s", note.detail, wrong[_i].where);
    ck_assert_msg(strstr(note.detail, wrong[_i].what) != NULL, "%s\ndoes not say %s",
                  note.detail, wrong[_i].what);
}
END_TEST

START_TEST(cut_anywhere_it_is_refused)
{
    static const char text[] = TEAM(",\n\"weight\": 3, \"rights\": [\"admin\"]");

    for (size_t size = 0; size < sizeof text - 1; size++)
        ck_assert_int_ne(keyfile_read(sc_bytes(text, size), "k", &arena, &file, &note), SC_OK);
    ck_assert_int_eq(reading(text), SC_OK);
}
END_TEST

START_TEST(digests_are_those_of_sha_256)
{
    char text[DIGEST_TEXT];
    struct digest digest = digest_of("abc", 3), again;

    ck_assert_str_eq(digest_print(&digest, text),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert(digest_read(text, &again));
    ck_assert(digest_equal(&digest, &again));
    ck_assert(!digest_read("ba78", &again));
}
END_TEST

/* One bit anywhere makes another digest; the time it takes is the library's promise. */
START_TEST(digests_are_equal_or_not)
{
    const struct digest digest = digest_of("abc", 3);

    for (int bit = 0; bit < DIGEST_SIZE * 8; bit++) {
        struct digest other = digest;

        other.byte[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!digest_equal(&digest, &other));
        ck_assert(!digest_equal(&other, &digest));
    }
}
END_TEST

Suite *suite_keyfile(void);

Suite *suite_keyfile(void)
{
    Suite *suite = suite_create("keyfile");
    TCase *tcase = tcase_create("keyfile");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_whole_file);
    tcase_add_test(tcase, no_teams_at_all);
    tcase_add_test(tcase, teams_are_bounded);
    tcase_add_loop_test(tcase, mistakes_are_told_with_their_line, 0,
                        sizeof wrong / sizeof *wrong);
    tcase_add_test(tcase, cut_anywhere_it_is_refused);
    tcase_add_test(tcase, digests_are_those_of_sha_256);
    tcase_add_test(tcase, digests_are_equal_or_not);
    suite_add_tcase(suite, tcase);
    return suite;
}
