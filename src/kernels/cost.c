/* cost.c - what an operation will cost, before it is run. */
#include "eval.h"
#include "label_map.h"

#define COST_MAX   (INT64_C(1) << 56) /* so that those of all operations can be added */
#define IMAGE_COST 4096               /* of a further image, however small */

static int64_t times(size_t a, size_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) || product > COST_MAX ? COST_MAX : product;
}

/* Elements of the first input, of all images. */
static int64_t count_elements(const struct sc_op *op, const struct sc_tensors *in)
{
    int64_t count = 0;

    for (size_t i = 0; i < in->count; i++) {
        const char *name = in->item[i].name;

        if (*name == '\0' || strcmp(name, op->input[0].name) == 0)
            count += in->item[i].tensor.count;
    }
    return count;
}

/* What an image costs besides its pixels and its state: the tables of its labels. */
static size_t image_cost(const struct sc_params *params, int64_t classes)
{
    size_t bytes = 0;

    for (int target = 0; target < 2; target++)
        bytes += sc_label_map_bytes(sc_label_map_of(params, target == 1), classes);
    return IMAGE_COST + bytes / sizeof(int32_t);
}

int64_t sc_cost(const struct sc_op *op, const struct sc_tensors *in, const struct sc_args *args,
                const struct sc_exec *exec)
{
    const struct sc_kernel *kernel = sc_kernel(op);
    struct sc_params params;
    struct sc_call call = {0};
    size_t images, counts = 0, sums = 0, states = 1;
    int64_t cost;

    if (sc_params_read(op, args, true, exec->arena, &params, NULL) != SC_OK ||
        sc_count_images(op, in, &images, NULL) != SC_OK ||
        sc_bind(&params, in, 0, exec, &call, NULL) != SC_OK)
        return 0;
    if (kernel->layout != NULL) kernel->layout(&params, call.classes, &counts, &sums);
    if (sc_param(&params, "per_image")->boolean)
        states = (size_t)times(images, (size_t)call.samples);
    cost = times(counts + sums * sizeof(struct sc_exact) / 8, states) +
           times(image_cost(&params, call.classes), images - 1) + count_elements(op, in);
    return times((size_t)cost, kernel->effort > 0 ? (size_t)kernel->effort : 1);
}
