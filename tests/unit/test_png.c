/* test_png.c - label masks in every colour type and depth. */
#include "codec_fixtures.h"
#include "decoding.h"

#include <zlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void write_be32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

START_TEST(raw_samples_come_out)
{
    for (size_t i = 0; i < COUNT(png_fixtures); i++) {
        const struct fixture *f = &png_fixtures[i];
        struct decoding d;

        ck_assert_msg(decode(&d, f->file, f->file_size, NULL) == SC_OK, "%s: %s", f->name,
                      d.note.detail);
        ck_assert_int_eq(tensor_at(&d, 0)->dtype, f->dtype);
        ck_assert_int_eq(tensor_at(&d, 0)->rank, 2);
        ck_assert_int_eq(tensor_at(&d, 0)->dim[0], f->dim[0]);
        ck_assert_int_eq(tensor_at(&d, 0)->dim[1], f->dim[1]);
        ck_assert_msg(memcmp(tensor_at(&d, 0)->data, f->elements, f->elements_size) == 0,
                      "%s: samples", f->name);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(colours_and_alpha_are_unsupported)
{
    for (size_t i = 0; i < COUNT(png_refused); i++) {
        const struct fixture *f = &png_refused[i];
        struct decoding d;

        ck_assert_msg(decode(&d, f->file, f->file_size, "image/png") == SC_UNSUPPORTED, "%s",
                      f->name);
        ck_assert_ptr_nonnull(strstr(d.note.detail, "8-bit grey or palette"));
        decoding_done(&d);
    }
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    for (size_t i = 0; i < COUNT(png_fixtures); i++)
        for (size_t size = 8; size < png_fixtures[i].file_size; size++)
            ck_assert_msg(status_of(png_fixtures[i].file, size, NULL) == SC_MALFORMED,
                          "%s, %zu bytes", png_fixtures[i].name, size);
}
END_TEST

START_TEST(every_damaged_byte_is_refused)
{
    const struct fixture *f = &png_fixtures[6];

    for (size_t i = 8; i < f->file_size; i++) {
        char *file = malloc(f->file_size);

        memcpy(file, f->file, f->file_size);
        file[i] ^= 0x10;
        ck_assert_msg(status_of(file, f->file_size, NULL) != SC_OK, "byte %zu", i);
        free(file);
    }
}
END_TEST

START_TEST(bytes_after_the_end_are_refused)
{
    const struct fixture *f = &png_fixtures[0];
    char file[512];

    memcpy(file, f->file, f->file_size);
    file[f->file_size] = '\n';
    ck_assert_status(status_of(file, f->file_size + 1, NULL), SC_MALFORMED);
}
END_TEST

START_TEST(the_area_is_limited_before_decoding)
{
    const struct fixture *f = &png_fixtures[0];
    const struct sc_limits preset = sc_limits_preset();
    struct sc_limits limits = preset;
    struct codec_payload payload = {0};
    struct sc_arena arena;
    struct codec_source source = {.body = sc_bytes(f->file, f->file_size),
                                  .name = "",
                                  .limits = &limits,
                                  .arena = &arena};
    struct sc_note note;

    sc_arena_init(&arena, (size_t)1 << 20, NULL);
    limits.png_pixels = 7 * 11;
    ck_assert_status(codec_decode(&source, &payload, &note), SC_OK);
    limits.png_pixels = 7 * 11 - 1;
    ck_assert_status(codec_decode(&source, &payload, &note), SC_TOO_LARGE);
    sc_arena_done(&arena);
}
END_TEST

/* A header alone must cost nothing, whatever it claims. */
START_TEST(sides_are_limited_before_rows_have_buffers)
{
    static const uint32_t sizes[][2] = {
        {0x7fffffff, 1}, {1, 0x7fffffff}, {0x7fffffff, 0x7fffffff}, {1000001, 1}, {1, 1000001}};
    uint8_t file[41] = "\x89PNG\r\n\x1a\n\0\0\0\15IHDR";

    file[24] = 16; /* bits of grey */
    file[36] = 1;
    write_be32(file + 37, 0x49444154); /* "IDAT" */
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct decoding d;

        write_be32(file + 16, sizes[i][0]);
        write_be32(file + 20, sizes[i][1]);
        write_be32(file + 29, (uint32_t)crc32(0, file + 12, 17));
        ck_assert_status(decode(&d, file, sizeof file, NULL), SC_TOO_LARGE);
        ck_assert_uint_lt(d.arena.held, 1 << 17);
        decoding_done(&d);
    }
}
END_TEST

START_TEST(libpng_lives_in_the_arena)
{
    const struct fixture *f = &png_fixtures[6];
    enum sc_status status = SC_NO_MEMORY;

    for (size_t memory = 0; status != SC_OK; memory += 512) {
        struct decoding d;

        status = decode_limited(&d, f->file, f->file_size, NULL, memory);
        ck_assert_msg(status == SC_OK || status == SC_NO_MEMORY, "%zu bytes: %s", memory,
                      d.note.detail);
        ck_assert_uint_le(d.arena.held, memory);
        ck_assert_uint_lt(memory, 1 << 20);
        decoding_done(&d);
    }
}
END_TEST

Suite *suite_png(void);

Suite *suite_png(void)
{
    Suite *s = suite_create("png");
    TCase *c = tcase_create("png");

    suite_add_tcase(s, c);
    tcase_add_test(c, raw_samples_come_out);
    tcase_add_test(c, colours_and_alpha_are_unsupported);
    tcase_add_test(c, every_truncation_is_refused);
    tcase_add_test(c, every_damaged_byte_is_refused);
    tcase_add_test(c, bytes_after_the_end_are_refused);
    tcase_add_test(c, the_area_is_limited_before_decoding);
    tcase_add_test(c, sides_are_limited_before_rows_have_buffers);
    tcase_add_test(c, libpng_lives_in_the_arena);
    return s;
}
