#include "common/clipboard/pieces.h"

#include "common/base/buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void pieces_init(struct pieces *p, size_t limit_bytes)
{
	assert(limit_bytes <= (size_t)PIECES_MAX * PIECES_ONE_BYTES);
	*p = (struct pieces){ .limit_bytes = limit_bytes };
}

void pieces_clear(struct pieces *p)
{
	for (size_t i = 0; i < PIECES_MAX && p->at[i]; i++) {
		size_t before = i * PIECES_ONE_BYTES;
		if (p->len > before)
			secure_wipe(p->at[i], MIN(p->len - before, (size_t)PIECES_ONE_BYTES));
		free(p->at[i]);
		p->at[i] = NULL;
	}
	p->len = 0;
}

int pieces_append(struct pieces *p, const uint8_t *bytes, size_t len)
{
	if (len > p->limit_bytes - p->len)
		return -E2BIG;
	while (len > 0) {
		size_t piece = p->len / PIECES_ONE_BYTES, used = p->len % PIECES_ONE_BYTES;
		size_t part = MIN(len, PIECES_ONE_BYTES - used);
		if (!p->at[piece])
			p->at[piece] = malloc(PIECES_ONE_BYTES);
		if (!p->at[piece])
			return -ENOMEM;
		memcpy(p->at[piece] + used, bytes, part);
		p->len += part;
		bytes += part;
		len -= part;
	}
	return 0;
}

size_t pieces_from(const struct pieces *p, size_t at, const uint8_t **out)
{
	if (at >= p->len)
		return 0;
	size_t used = at % PIECES_ONE_BYTES;
	*out = p->at[at / PIECES_ONE_BYTES] + used;
	return MIN(p->len - at, PIECES_ONE_BYTES - used);
}
