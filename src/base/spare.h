/* spare.h - large pieces of memory, kept for a while after they were given back.
 *
 * Fresh memory costs more than reading a body into it: the kernel empties each page when it is
 * touched first, and takes all of them back when it is freed. Servers see the same sizes again
 * and again, so the last ones are kept. Any thread may call any of these; no lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* From here on memory is kept. */
#define SC_SPARE_LEAST ((size_t)1 << 20)

/* Besides, some of this size, with which each request begins; they do not count. */
#define SC_SPARE_FIRST ((size_t)16 << 10)
void *sc_spare_first(void);
void sc_spare_give_first(void *memory);

/* What `size` takes, which is what to charge for: 1 MiB and more have sizes that come again.
 * Smaller ones are as they are. */
size_t sc_spare_size(size_t size);

/* Memory of `size`, at least SC_SPARE_LEAST, aligned as SC_ARENA_ALIGN; from 4 MiB on in huge
 * pages, where there are any. What is in it may be of another request. NULL: there is none. */
void *sc_spare_take(size_t size);
/* Gives back what was taken as `size`: kept if `keep`, else freed. */
void sc_spare_give(void *memory, size_t size, bool keep);
/* Bytes that are kept. */
size_t sc_spare_kept(void);
/* Frees one that is kept; false: there is none. */
bool sc_spare_drop(void);
/* To be called now and then: frees those that were not used since the last but one call. */
void sc_spare_trim(void);
