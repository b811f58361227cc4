/* planes_ops.h - what isa/planes.c gives: what is wrong, or NULL. */
#pragma once

typedef const char *planes_ops_fn(void);

planes_ops_fn planes_ops_v1, planes_ops_v3, planes_ops_v4, planes_ops_arm64;
