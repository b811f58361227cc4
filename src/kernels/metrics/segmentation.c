/* segmentation.c - counts the pairs of label masks. */
#include "segmentation_report.h"

#include "confusion.inc"

SC_KERNEL(metrics, segmentation)
{
    static const struct sc_kernel kernel = {.layout = sc_segmentation_layout,
                                            .scratch = count_scratch,
                                            .check = sc_confusion_check,
                                            .count_batch = sc_confusion_count_batch,
                                            .update = count_pairs,
                                            .flush = count_flush,
                                            .sample = sc_segmentation_sample,
                                            .finish = sc_segmentation_finish};

    return &kernel;
}
