/* test_zip.c - archives that are written, read again; 64-bit sizes without as many bytes. */
#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "decoding.h"
#include "zip.h"
#include "zip_write.h"

#define GIB ((size_t)1 << 30)

static struct sc_arena arena;
static struct sc_writer out;
static struct sc_note note;

static void setup(void)
{
    sc_arena_init(&arena, (size_t)64 << 20, NULL);
    sc_writer_init(&out, &arena);
    note = (struct sc_note){0};
}

static void teardown(void)
{
    sc_arena_done(&arena);
}

static void add(struct zip_writer *z, const char *name, const void *data, size_t size)
{
    const struct sc_bytes head = sc_bytes("head", 4), body = sc_bytes(data, size);

    zip_add(z, name, zip_crc(head, body), head, body);
}

/* All pieces in one place. */
static struct sc_bytes joined(void)
{
    const struct sc_pieces pieces = sc_writer_pieces(&out);
    uint8_t *whole = sc_arena_alloc(&arena, sc_pieces_size(pieces)), *at = whole;

    ck_assert_uint_eq(sc_pieces_size(pieces), sc_writer_total(&out));
    for (size_t i = 0; i < pieces.count; i++) {
        memcpy(at, pieces.item[i].data, pieces.item[i].size);
        at += pieces.item[i].size;
    }
    return sc_bytes(whole, (size_t)(at - whole));
}

START_TEST(views_stand_where_they_were_written)
{
    static char large[5000];
    struct sc_pieces pieces;

    memset(large, 'x', sizeof large);
    pieces = sc_writer_pieces(&out);
    ck_assert_uint_eq(pieces.count, 0);
    sc_write_view(&out, large, sizeof large);
    sc_write_text(&out, "ab");
    sc_write_view(&out, "cd", 2); /* too small for a piece */
    sc_write_view(&out, large, sizeof large);
    sc_write_view(&out, large, sizeof large - 1);
    sc_write_text(&out, "e");
    pieces = sc_writer_pieces(&out);
    ck_assert_uint_eq(pieces.count, 5);
    ck_assert_ptr_eq(pieces.item[0].data, large);
    ck_assert_uint_eq(pieces.item[1].size, 4);
    ck_assert_mem_eq(pieces.item[1].data, "abcd", 4);
    ck_assert_ptr_eq(pieces.item[3].data, large);
    ck_assert_uint_eq(pieces.item[3].size, sizeof large - 1);
    ck_assert_mem_eq(pieces.item[4].data, "e", 1);
    ck_assert_uint_eq(sc_writer_total(&out), sc_pieces_size(pieces));
}
END_TEST

START_TEST(a_writer_without_memory_fails_once)
{
    static char large[5000];
    struct sc_arena none;

    sc_arena_init(&none, 0, NULL);
    sc_writer_init(&out, &none);
    sc_write_view(&out, large, sizeof large);
    ck_assert(out.failed);
    ck_assert_uint_eq(sc_writer_pieces(&out).count, 0);
    sc_arena_done(&none);
}
END_TEST

START_TEST(what_is_written_is_read)
{
    static uint8_t large[10000];
    struct sc_bytes bytes = {0};
    struct zip_writer z;
    struct zip zip;

    large[77] = 1;
    sc_write_text(&out, "before");
    zip_begin(&z, &out);
    add(&z, "a", "tail", 4);
    add(&z, "losses/dice.value.npy", large, sizeof large);
    add(&z, "empty", "", 0);
    zip_end(&z);
    ck_assert(!out.failed);
    bytes = joined();
    ck_assert_mem_eq(bytes.data, "beforePK\3\4", 10);
    ck_assert_status(zip_read(sc_bytes_slice(bytes, 6, bytes.size), 3, &arena, &zip, &note),
                     SC_OK);
    ck_assert_uint_eq(zip.count, 3);
    ck_assert_str_eq(zip.member[1].name, "losses/dice.value.npy");
    ck_assert_status(zip_take(&zip.member[1], &arena, &bytes, &note), SC_OK);
    ck_assert_uint_eq(bytes.size, 4 + sizeof large);
    ck_assert_mem_eq(bytes.data + 4, large, sizeof large);
    ck_assert_status(zip_take(&zip.member[0], &arena, &bytes, &note), SC_OK);
    ck_assert_mem_eq(bytes.data, "headtail", 8);
    ck_assert_status(zip_take(&zip.member[2], &arena, &bytes, &note), SC_OK);
    ck_assert_uint_eq(bytes.size, 4);
}
END_TEST

/* Lays the pieces out over memory that is not there but where something is written: views have
 * no bytes of their own. */
static struct sc_bytes laid_out(const uint8_t *nowhere)
{
    const struct sc_pieces pieces = sc_writer_pieces(&out);
    const size_t size = sc_pieces_size(pieces);
    uint8_t *whole = mmap(NULL, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t at = 0;

    ck_assert_ptr_ne(whole, MAP_FAILED);
    for (size_t i = 0; i < pieces.count; i++) {
        if (pieces.item[i].data != nowhere)
            memcpy(whole + at, pieces.item[i].data, pieces.item[i].size);
        at += pieces.item[i].size;
    }
    return sc_bytes(whole, size);
}

START_TEST(sizes_and_places_past_4_gib)
{
    static const size_t sizes[] = {10, 3 * GIB, 2 * GIB, 5, 5 * GIB, 4 * GIB - 5, 4 * GIB - 6};
    const uint8_t *nowhere = (const uint8_t *)&arena; /* never read */
    struct sc_bytes whole;
    struct zip_writer z;
    struct zip zip;

    zip_begin(&z, &out);
    for (size_t i = 0; i < 7; i++)
        zip_add(&z, &"0\0001\0002\0003\0004\0005\0006"[2 * i], (uint32_t)i, sc_bytes("head", 4),
                sizes[i] < GIB ? sc_bytes("0123456789", sizes[i])
                               : sc_bytes(nowhere, sizes[i]));
    zip_end(&z);
    whole = laid_out(nowhere);
    ck_assert_status(zip_read(whole, 7, &arena, &zip, &note), SC_OK);
    ck_assert_uint_eq(zip.count, 7);
    for (size_t i = 0; i < 7; i++) {
        ck_assert_int_eq(zip.member[i].name[0], '0' + (int)i);
        ck_assert_uint_eq(zip.member[i].size, 4 + sizes[i]);
        ck_assert_uint_eq(zip.member[i].crc, i);
        ck_assert_mem_eq(zip.member[i].packed.data, "head", 4);
    }
    munmap((void *)(uintptr_t)whole.data, whole.size);
}
END_TEST

START_TEST(more_members_than_16_bits_count)
{
    for (size_t count = 65534; count <= 65536; count++) {
        struct sc_bytes whole;
        struct zip_writer z;
        struct zip_written *last;
        size_t locator;

        setup();
        zip_begin(&z, &out);
        for (size_t i = 0; i < count; i++)
            zip_add(&z, "n", 0, sc_bytes("", 0), sc_bytes("", 0));
        last = z.member;
        ck_assert_ptr_nonnull(last);
        zip_end(&z);
        whole = joined();
        locator = whole.size - 22 - 20;
        ck_assert_uint_eq(sc_le16(whole.data + whole.size - 12), count < 65535 ? count : 65535);
        ck_assert_int_eq(memcmp(whole.data + locator, "PK\6\7", 4) == 0, count >= 65535);
        if (count >= 65535) ck_assert_uint_eq(sc_le64(whole.data + locator - 56 + 32), count);
        teardown();
    }
    setup();
}
END_TEST

Suite *suite_zip(void);

Suite *suite_zip(void)
{
    Suite *s = suite_create("zip");
    TCase *c = tcase_create("zip");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, views_stand_where_they_were_written);
    tcase_add_test(c, a_writer_without_memory_fails_once);
    tcase_add_test(c, what_is_written_is_read);
    tcase_add_test(c, sizes_and_places_past_4_gib);
    tcase_add_test(c, more_members_than_16_bits_count);
    return s;
}
