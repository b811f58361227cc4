/* test_crc.c - the checksum of saved states is that of everybody. */
#include "crc.h"

#include <check.h>
#include <zlib.h>

START_TEST(it_is_that_of_zlib)
{
    uint8_t data[1000];
    uint32_t seed = 1;

    for (size_t i = 0; i < sizeof data; i++) {
        seed = seed * 1664525 + 1013904223;
        data[i] = (uint8_t)(seed >> 24);
    }
    for (size_t size = 0; size <= sizeof data; size++)
        ck_assert_uint_eq(sc_crc32(data, size), crc32(crc32(0, NULL, 0), data, (uInt)size));
}
END_TEST

START_TEST(every_byte_has_its_own)
{
    for (int value = 0; value < 256; value++) {
        const uint8_t byte = (uint8_t)value;

        ck_assert_uint_eq(sc_crc32(&byte, 1), crc32(crc32(0, NULL, 0), &byte, 1));
    }
    ck_assert_uint_eq(sc_crc32((const uint8_t *)"123456789", 9), 0xcbf43926u);
}
END_TEST

Suite *suite_crc(void);

Suite *suite_crc(void)
{
    Suite *suite = suite_create("crc");
    TCase *tcase = tcase_create("crc");

    tcase_add_test(tcase, it_is_that_of_zlib);
    tcase_add_test(tcase, every_byte_has_its_own);
    suite_add_tcase(suite, tcase);
    return suite;
}
