/*
 * The input is what a program has copied; its first byte chooses the kind. It is converted at once and in
 * pieces, as for the other end, whose check must then take all of it: whatever a program writes, what
 * crosses is of its kind, and the same wherever the pieces were cut.
 */
#include "common/clipboard/check.h"
#include "common/clipboard/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends it well, or with an error; out is freed by the caller. */
static int convert(
	enum clipboard_kind kind, const uint8_t *data, size_t size, size_t step, struct buffer *out)
{
	static struct convert c;
	int r = 0;

	convert_init(&c, kind);
	buffer_init(out, CONVERT_OUT_MAX_BYTES(size));
	for (size_t at = 0; r == 0 && at < size; at += step) {
		size_t len = MIN(step, size - at);
		uint8_t *exact = malloc(len); /* a sanitizer sees its end */
		if (!exact)
			abort();
		memcpy(exact, data + at, len);
		r = convert_take(&c, exact, len, false, out);
		free(exact);
	}
	if (r == 0)
		r = convert_take(&c, NULL, 0, true, out);
	if (r == -ENOMEM || (r == -E2BIG && kind != CLIPBOARD_PNG))
		abort(); /* it became longer than it may */
	return r;
}

static void check_all(enum clipboard_kind kind, const struct buffer *bytes, size_t step)
{
	static struct check c;

	check_init(&c, kind);
	for (size_t at = 0; at < bytes->len; at += step)
		if (check_take(&c, buffer_front(bytes) + at, MIN(step, bytes->len - at), false) < 0)
			abort();
	if (check_take(&c, NULL, 0, true) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer whole, pieces;

	if (size < 2)
		return 0;
	enum clipboard_kind kind = (enum clipboard_kind)(data[0] % WIRE_CLIPBOARD_KINDS);
	size_t step = 1 + data[0] / WIRE_CLIPBOARD_KINDS;
	int r = convert(kind, data + 1, size - 1, size, &whole);
	if (convert(kind, data + 1, size - 1, step, &pieces) != r)
		abort();
	if (r == 0) {
		if (whole.len != pieces.len ||
			(whole.len > 0 && memcmp(buffer_front(&whole), buffer_front(&pieces),
						  whole.len) != 0))
			abort();
		check_all(kind, &whole, step);
	}
	buffer_finish(&whole);
	buffer_finish(&pieces);
	return 0;
}
