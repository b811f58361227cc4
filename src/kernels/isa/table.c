/* table.c - the kernels of one instruction set level, a row each. */
#include "op.h"

#define SC_TABLE SC_NAME3(sc, kernels, SC_ISA)

extern sc_kernel_fn *const SC_TABLE[];

sc_kernel_fn *const SC_TABLE[] = {
#define SC_OP(family, name, ...) SC_KERNEL_NAME(family, name),
#include "ops.def"
#undef SC_OP
};
