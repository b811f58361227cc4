/* confusion_matrix.c - counts the pairs of labels. */
#include "confusion_matrix_report.h"

#include "confusion.inc"

SC_KERNEL(metrics, confusion_matrix)
{
    static const struct sc_kernel kernel = {.layout = sc_confusion_layout,
                                            .scratch = count_scratch,
                                            .check = sc_confusion_check,
                                            .count_batch = sc_confusion_count_batch,
                                            .update = count_pairs,
                                            .flush = count_flush,
                                            .finish = sc_confusion_matrix_finish};

    return &kernel;
}
