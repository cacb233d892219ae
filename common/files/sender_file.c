#include "common/files/sender_file.h"

#include "common/base/fd.h"
#include "common/files/disk.h"

#include <errno.h>
#include <string.h>

/* Zeros of a sparse file are looked for in pages, which is what a file system keeps. */
#define HOLE_BYTES 4096U

void files_sender_begin_file(
	struct files_sender *s, int fd, bool owned, const struct folder_stat *st)
{
	s->fd = fd;
	s->fd_owned = owned;
	s->pipe = st->special;
	s->sparse = st->sparse;
	s->size_bytes = s->pipe ? WIRE_FILE_SIZE_UNKNOWN : st->size_bytes;
	s->at = 0;
	s->block_at = 0;
	s->block_len = 0;
	s->have_count = 0;
	files_hash_begin(s->hash);
}

void files_sender_end_file(struct files_sender *s)
{
	if (s->fd_owned)
		fd_close(&s->fd);
	s->fd = -1;
	s->fd_owned = false;
	s->pipe = false;
}

void files_sender_have(struct files_sender *s, const struct wire_file_have *have)
{
	if (s->fd < 0 || have->entry != s->entry || have->first_block != s->have_count)
		return;
	memcpy(s->have + (size_t)s->have_count * WIRE_FILE_HASH_BYTES, have->hashes,
		have->count * WIRE_FILE_HASH_BYTES);
	s->have_count += (uint32_t)have->count;
}

static int send_data(struct files_sender *s, const uint8_t *bytes, size_t len)
{
	const struct wire_message m = { .type = WIRE_FILE_DATA,
		.file_data = { .transfer = s->transfer, .bytes = bytes, .len = len } };

	files_hash_bytes(s->hash, bytes, len);
	s->at += len;
	s->bytes += len;
	return s->send(s->user, &m);
}

static int send_skip(struct files_sender *s, bool kept, uint64_t bytes)
{
	const struct wire_message m = { .type = WIRE_FILE_SKIP,
		.file_skip = { .transfer = s->transfer, .kept = kept, .bytes = bytes } };

	s->at += bytes;
	s->bytes += bytes;
	return s->send(s->user, &m);
}

static int send_end(struct files_sender *s)
{
	struct wire_message m = { .type = WIRE_FILE_END,
		.file_end = { .transfer = s->transfer, .size_bytes = s->at } };

	files_hash_end(s->hash, m.file_end.hash);
	s->files++;
	files_sender_end_file(s);
	int r = s->send(s->user, &m);
	s->fd = -1;
	return r;
}

static int step_pipe(struct files_sender *s)
{
	size_t got;
	int r = fd_read(s->fd, s->block, WIRE_FILE_PART_MAX_BYTES, &got);

	if (r == -EAGAIN)
		return r;
	if (r == 0 && s->at > WIRE_FILE_MAX_BYTES - got)
		r = -EFBIG;
	if (r < 0) {
		files_sender_end_file(s);
		return r;
	}
	return got > 0 ? send_data(s, s->block, got) : send_end(s);
}

/* The next block into memory: whole, or up to the end of the file. */
static int read_block(struct files_sender *s)
{
	uint64_t left = s->size_bytes - s->at;
	size_t len = left < WIRE_FILE_BLOCK_BYTES ? (size_t)left : WIRE_FILE_BLOCK_BYTES;
	size_t got;

	int r = disk_read(s->fd, s->block, len, s->at, &got);
	if (r == 0 && got < len)
		r = -ESTALE; /* somebody made it shorter */
	if (r < 0)
		return r;
	s->block_at = s->at;
	s->block_len = len;
	return 0;
}

/* At the beginning of a block: whether the receiving end has the same one. */
static bool has_block(const struct files_sender *s, uint8_t hash[static WIRE_FILE_HASH_BYTES])
{
	uint64_t block = s->at / WIRE_FILE_BLOCK_BYTES;

	if (block >= s->have_count)
		return false;
	files_hash_of(s->block, s->block_len, hash);
	return memcmp(hash, s->have + (size_t)block * WIRE_FILE_HASH_BYTES, WIRE_FILE_HASH_BYTES) ==
	       0;
}

/* 1: the block need not cross, and is passed over; 0: it must. */
static int skip_block(struct files_sender *s)
{
	uint8_t hash[WIRE_FILE_HASH_BYTES];

	if (s->sparse) {
		uint64_t data = disk_next_data(s->fd, s->at, s->size_bytes);
		if (data < s->size_bytes)
			data -= data % WIRE_FILE_BLOCK_BYTES;
		if (data > s->at) {
			files_hash_zeros(s->hash, data - s->at);
			int r = send_skip(s, false, data - s->at);
			s->block_len = 0; /* what was read lies behind */
			return r < 0 ? r : 1;
		}
	}
	int r = read_block(s);
	if (r < 0) {
		files_sender_end_file(s);
		return r;
	}
	if (!has_block(s, hash))
		return 0;
	files_hash_block(s->hash, hash);
	r = send_skip(s, true, s->block_len);
	return r < 0 ? r : 1;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* How much from at on is zeros, in whole pages; of a file that is not sparse nothing. */
static size_t zeros_from(const struct files_sender *s, size_t at)
{
	size_t len = 0;

	while (s->sparse && at + len < s->block_len) {
		size_t page = s->block_len - at - len;
		if (page > HOLE_BYTES)
			page = HOLE_BYTES;
		if (!is_zero(s->block + at + len, page))
			break;
		len += page;
	}
	return len;
}

static int send_part(struct files_sender *s)
{
	size_t at = (size_t)(s->at - s->block_at), len = s->block_len - at;
	size_t zeros = zeros_from(s, at);

	if (zeros > 0) {
		files_hash_zeros(s->hash, zeros);
		return send_skip(s, false, zeros);
	}
	if (len > WIRE_FILE_PART_MAX_BYTES)
		len = WIRE_FILE_PART_MAX_BYTES;
	if (s->sparse && len > 3 * HOLE_BYTES) {
		/* Parts of whole pages, so that zeros are seen at the next one. */
		len = 3 * HOLE_BYTES;
		for (size_t page = HOLE_BYTES; page < len; page += HOLE_BYTES)
			if (is_zero(s->block + at + page, HOLE_BYTES))
				len = page;
	}
	return send_data(s, s->block + at, len);
}

int files_sender_step_file(struct files_sender *s)
{
	if (s->pipe)
		return step_pipe(s);
	if (s->at == s->size_bytes)
		return send_end(s);
	if (s->at == s->block_at + s->block_len || s->block_len == 0) {
		int r = skip_block(s);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return send_part(s);
}
