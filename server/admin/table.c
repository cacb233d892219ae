#include "server/admin/table.h"

#include "common/base/log.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void table_init(struct table *t, const char *const *titles)
{
	*t = (struct table){ .titles = titles };
	while (titles[t->columns])
		t->columns++;
	assert(t->columns <= TABLE_COLUMNS_MAX);
}

void table_finish(struct table *t)
{
	free(t->cells);
	t->cells = NULL;
}

void table_add(struct table *t, const char *format, ...)
{
	char text[TABLE_CELL_MAX];
	va_list args;

	static_assert(TABLE_CELL_MAX == LOG_ESCAPED_MAX, "a cell holds what log_escape writes");
	if (t->cell_count == t->capacity) {
		size_t capacity = t->capacity ? 2 * t->capacity : 64;
		void *grown = reallocarray(t->cells, capacity, sizeof(*t->cells));
		if (!grown)
			return;
		t->cells = grown;
		t->capacity = capacity;
	}
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_escape(
		t->cells[t->cell_count++], text, len < 0 ? 0 : MIN((size_t)len, sizeof(text) - 1));
}

static void print_row(
	const struct table *t, FILE *out, const size_t *widths, size_t first_cell, bool titles)
{
	for (size_t c = 0; c < t->columns; c++) {
		const char *text = titles ? t->titles[c] : t->cells[first_cell + c];
		if (c + 1 == t->columns)
			fprintf(out, "%s\n", text);
		else
			fprintf(out, "%-*s  ", (int)widths[c], text);
	}
}

void table_print(const struct table *t, FILE *out, const char *none)
{
	size_t widths[TABLE_COLUMNS_MAX] = { 0 };
	size_t rows = t->cell_count / t->columns;

	if (rows == 0) {
		fprintf(out, "%s\n", none);
		return;
	}
	for (size_t c = 0; c < t->columns; c++) {
		widths[c] = strlen(t->titles[c]);
		for (size_t r = 0; r < rows; r++)
			widths[c] = MAX(widths[c], strlen(t->cells[r * t->columns + c]));
	}
	print_row(t, out, widths, 0, true);
	for (size_t r = 0; r < rows; r++)
		print_row(t, out, widths, r * t->columns, false);
}

static const char *format_time(
	int64_t when_s, bool with_time, char out[static TABLE_TIME_MAX_BYTES])
{
	time_t when = (time_t)when_s;
	struct tm parts;

	if (when_s == 0)
		return memcpy(out, "never", sizeof("never"));
	if (!localtime_r(&when, &parts) ||
		strftime(out, TABLE_TIME_MAX_BYTES, with_time ? "%Y-%m-%d %H:%M:%S %Z" : "%Y-%m-%d",
			&parts) == 0)
		snprintf(out, TABLE_TIME_MAX_BYTES, "%" PRId64, when_s);
	return out;
}

const char *time_text(int64_t when_s, char out[static TABLE_TIME_MAX_BYTES])
{
	return format_time(when_s, true, out);
}

const char *date_text(int64_t when_s, char out[static TABLE_TIME_MAX_BYTES])
{
	return format_time(when_s, false, out);
}
