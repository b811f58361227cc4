/* confusion_matrix.c - counts the pairs of labels. */
#include "confusion_matrix_report.h"

#include "confusion.inc"

SC_KERNEL(metrics, confusion_matrix)
{
    static const struct sc_kernel kernel = {.layout = sc_confusion_layout,
                                            .scratch = count_scratch,
                                            .check = sc_confusion_check,
                                            .begin = sc_confusion_begin,
                                            .update = count_pairs,
                                            .flush = count_flush,
                                            .finish = sc_confusion_matrix_finish};

    return &kernel;
}
