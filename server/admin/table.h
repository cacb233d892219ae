/* What people read: aligned columns, local times. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX    10
#define TABLE_CELL_MAX       128 /* bytes with its end; longer text is cut */
#define TABLE_TIME_MAX_BYTES 40

struct table {
	const char *const *titles;     /* NULL at their end; borrowed */
	char (*cells)[TABLE_CELL_MAX]; /* owned */
	size_t columns, cell_count, capacity;
};

/* titles: borrowed for its life. */
void table_init(struct table *t, const char *const *titles);
void table_finish(struct table *t);

/* The next cell of the row. Bytes that are not printable are escaped. Without memory it is left
 * out, with everything after it. */
void table_add(struct table *t, const char *format, ...) PRINTF_LIKE(2, 3);

/* Prints titles and rows; nothing but the word for "none" when there are none. */
void table_print(const struct table *t, FILE *out, const char *none);

/* "2026-11-24 03:40:12 CET"; "never" for 0. Returns out. */
const char *time_text(int64_t when_s, char out[static TABLE_TIME_MAX_BYTES]);

/* The same without the time of day: "2026-11-24". */
const char *date_text(int64_t when_s, char out[static TABLE_TIME_MAX_BYTES]);
