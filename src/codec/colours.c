/* colours.c - the encodings of data sets.
 *
 * coco_panoptic: R + 256 G + 65536 B (cocodataset/panopticapi).
 * ade20k_full: (R div 10) * 256 + G (ADE20K, full; B is the instance). */
#include "colours.h"

#include <string.h>

const char *const codec_encoding_words[ENCODING_COUNT] = {
    [ENCODING_NONE] = NULL,
    [ENCODING_COCO_PANOPTIC] = "coco_panoptic",
    [ENCODING_ADE20K_FULL] = "ade20k_full",
};

static enum sc_status find_word(const struct sc_arg *arg, enum codec_encoding *out,
                                struct sc_note *note)
{
    const char *text = arg->count == 1 && !arg->is_list ? arg->text[0] : "a list";

    for (int i = 1; i < ENCODING_COUNT; i++) {
        if (strcmp(text, codec_encoding_words[i]) != 0) continue;
        *out = (enum codec_encoding)i;
        return SC_OK;
    }
    return sc_fail(note, SC_BAD_PARAM, "#/params/encoding",
                   "parameter 'encoding' is '%.40s'; it takes coco_panoptic or ade20k_full",
                   text);
}

enum sc_status colours_find(const struct codec_source *source, const struct sc_args *args,
                            enum codec_encoding *out, struct sc_note *note)
{
    *out = source->encoding;
    for (size_t i = 0; *out == ENCODING_NONE && i < args->count; i++)
        if (strcmp(args->item[i].name, "encoding") == 0)
            SC_TRY(find_word(&args->item[i], out, note));
    return SC_OK;
}

enum sc_dtype colours_dtype(enum codec_encoding encoding)
{
    return encoding == ENCODING_COCO_PANOPTIC ? SC_UINT32 : SC_UINT16;
}

static void read_coco(const uint8_t *rgb, int64_t count, uint8_t *labels)
{
    for (int64_t i = 0; i < count; i++) {
        const uint32_t label =
            (uint32_t)(rgb[3 * i] | rgb[3 * i + 1] << 8 | rgb[3 * i + 2] << 16);

        memcpy(labels + 4 * i, &label, 4);
    }
}

static void read_ade20k(const uint8_t *rgb, int64_t count, uint8_t *labels)
{
    for (int64_t i = 0; i < count; i++) {
        const uint16_t label = (uint16_t)(rgb[3 * i] / 10 * 256 + rgb[3 * i + 1]);

        memcpy(labels + 2 * i, &label, 2);
    }
}

void colours_read(enum codec_encoding encoding, const uint8_t *rgb, int64_t count, void *labels)
{
    if (encoding == ENCODING_COCO_PANOPTIC) read_coco(rgb, count, labels);
    if (encoding == ENCODING_ADE20K_FULL) read_ade20k(rgb, count, labels);
}
