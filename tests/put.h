/* put.h - for tests that make tensors of any dtype: one element, from a number. */
#pragma once

#include "tensor.h"

static inline void put(const struct sc_tensor *t, int64_t i, double v)
{
    switch (t->dtype) {
    case SC_FLOAT64:
        ((double *)t->data)[i] = v;
        break;
    case SC_FLOAT32:
        ((float *)t->data)[i] = (float)v;
        break;
    case SC_FLOAT16:
        ((uint16_t *)t->data)[i] = sc_to_float16(v);
        break;
    case SC_BFLOAT16:
        ((uint16_t *)t->data)[i] = sc_to_bfloat16(v);
        break;
    case SC_UINT16:
    case SC_INT16:
        ((uint16_t *)t->data)[i] = (uint16_t)(int64_t)v;
        break;
    case SC_UINT32:
    case SC_INT32:
        ((uint32_t *)t->data)[i] = (uint32_t)(int64_t)v;
        break;
    case SC_UINT64:
    case SC_INT64:
        ((uint64_t *)t->data)[i] = (uint64_t)(int64_t)v;
        break;
    default:
        ((uint8_t *)t->data)[i] = (uint8_t)(int64_t)v;
        break;
    }
}
