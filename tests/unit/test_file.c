/* test_file.c - whole files in and out. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define LARGE ((size_t)300 << 10) /* several growths of the room for a pipe */

static struct sc_arena arena;
static struct sc_note note;
static char folder[] = P_tmpdir "/scored-file-XXXXXX";

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    sc_arena_init(&arena, (size_t)4 << 20, NULL);
    note = (struct sc_note){0};
}

static void teardown(void)
{
    char command[64];

    sc_arena_done(&arena);
    ck_assert_int_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static uint8_t *pattern(size_t size)
{
    uint8_t *data = malloc(size + 1);

    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < size; i++) data[i] = (uint8_t)(i * 7 >> 3);
    return data;
}

/* Equal, and with readable bytes behind. */
static void check_bytes(struct sc_bytes got, const uint8_t *want, size_t size)
{
    volatile uint8_t sum = 0;

    ck_assert_uint_eq(got.size, size);
    ck_assert_mem_eq(got.data, want, size);
    for (int i = 0; i < SC_BYTES_PADDING; i++)
        sum = (uint8_t)(sum + got.data[size + (size_t)i]);
}

static enum sc_status write_bytes(const char *path, struct sc_bytes bytes)
{
    const struct sc_bytes halves[] = {sc_bytes_slice(bytes, 0, bytes.size / 2),
                                      sc_bytes_slice(bytes, bytes.size / 2, bytes.size)};

    return file_write(path, (struct sc_pieces){halves, 2}, &note);
}

static const size_t sizes[] = {0, 1, 63, 64, 4096, 65536 - 64, 65536, LARGE};

START_TEST(files_come_back)
{
    const size_t size = sizes[_i];
    uint8_t *data = pattern(size);
    struct sc_bytes got;

    ck_assert_int_eq(write_bytes("f", sc_bytes(data, size)), SC_OK);
    ck_assert_int_eq(file_read("f", (int64_t)size, &arena, &got, &note), SC_OK);
    check_bytes(got, data, size);
    if (size > 0)
        ck_assert_int_eq(file_read("f", (int64_t)size - 1, &arena, &got, &note), SC_TOO_LARGE);
    free(data);
}
END_TEST

/* Standard input from a pipe whose size nobody knows, filled by a process of its own. */
static void feed(const uint8_t *data, size_t size)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    if (fork() == 0) {
        close(ends[0]);
        for (size_t done = 0; done < size;) {
            const ssize_t put = write(ends[1], data + done, size - done);

            if (put <= 0) _exit(1);
            done += (size_t)put;
        }
        _exit(0);
    }
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
}

START_TEST(pipes_are_read_to_their_end)
{
    const size_t size = sizes[_i];
    uint8_t *data = pattern(size);
    struct sc_bytes got;

    feed(data, size);
    ck_assert_int_eq(file_read("-", INT64_MAX, &arena, &got, &note), SC_OK);
    check_bytes(got, data, size);
    free(data);
}
END_TEST

START_TEST(pipes_end_at_the_limit)
{
    uint8_t *data = pattern(LARGE);
    struct sc_bytes got;

    feed(data, LARGE);
    ck_assert_int_eq(file_read("-", 100000, &arena, &got, &note), SC_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(note.detail, "standard input"));
    ck_assert_ptr_nonnull(strstr(note.detail, "100000"));
    free(data);
}
END_TEST

START_TEST(what_cannot_be_read_or_written_is_named)
{
    struct sc_bytes got;

    ck_assert_int_eq(file_read("absent", 100, &arena, &got, &note), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "absent: No such file"));
    ck_assert_int_eq(file_read(".", INT64_MAX, &arena, &got, &note), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "Is a directory"));
    ck_assert_int_eq(write_bytes("absent/f", sc_bytes("x", 1)), SC_BAD_PARAM);
    ck_assert_int_eq(write_bytes("/dev/full", sc_bytes("x", 1)), SC_BAD_PARAM);
    ck_assert_ptr_nonnull(strstr(note.detail, "No space left"));
}
END_TEST

START_TEST(memory_is_that_of_the_arena)
{
    uint8_t *data = pattern(LARGE);
    struct sc_bytes got;
    struct sc_arena small;

    sc_arena_init(&small, LARGE / 2, NULL);
    ck_assert_int_eq(write_bytes("f", sc_bytes(data, LARGE)), SC_OK);
    ck_assert_int_eq(file_read("f", INT64_MAX, &small, &got, &note), SC_NO_MEMORY);
    feed(data, LARGE);
    ck_assert_int_eq(file_read("-", INT64_MAX, &small, &got, &note), SC_NO_MEMORY);
    sc_arena_done(&small);
    free(data);
}
END_TEST

Suite *suite_file(void);

Suite *suite_file(void)
{
    Suite *suite = suite_create("file");
    TCase *tcase = tcase_create("files");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, files_come_back, 0, sizeof sizes / sizeof *sizes);
    tcase_add_loop_test(tcase, pipes_are_read_to_their_end, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tcase, pipes_end_at_the_limit);
    tcase_add_test(tcase, what_cannot_be_read_or_written_is_named);
    tcase_add_test(tcase, memory_is_that_of_the_arena);
    suite_add_tcase(suite, tcase);
    return suite;
}
