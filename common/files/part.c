#include "common/files/part.h"

#include "common/base/fd.h"
#include "common/files/disk.h"
#include "common/files/folder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX ".farseat-"
#define SUFFIX ".part"
/* Blocks that are read and hashed at a time, so that what arrives meanwhile is not kept waiting for
 * more than some milliseconds. */
#define HAVE_STEP_BLOCKS 16U

bool files_part_is_name(const char *name)
{
	size_t len = strlen(name);

	return len == sizeof(PREFIX) - 1 + 16 + sizeof(SUFFIX) - 1 &&
	       strncmp(name, PREFIX, sizeof(PREFIX) - 1) == 0 &&
	       strcmp(name + len - (sizeof(SUFFIX) - 1), SUFFIX) == 0;
}

/* The same for the same name, so that a later try finds it. */
static void name_temp(struct files_part *p)
{
	uint8_t hash[WIRE_FILE_HASH_BYTES];
	uint64_t number = 0;

	files_hash_of((const uint8_t *)p->name, strlen(p->name), hash);
	for (size_t i = 0; i < sizeof(number); i++)
		number = number << 8 | hash[i];
	snprintf(p->temp, sizeof(p->temp), PREFIX "%016" PRIx64 SUFFIX, number);
}

static void begin(
	struct files_part *p, const struct wire_file_entry *entry, struct files_hash *hash)
{
	*p = (struct files_part){
		.folder = -1,
		.fd = -1,
		.mode = entry->mode,
		.mtime_s = entry->mtime_s,
		.mtime_ns = entry->mtime_ns,
		.size_bytes = entry->size_bytes,
		.hash = hash,
	};
	files_hash_begin(hash);
}

static int open_folder(struct files_part *p, int base, const char *path)
{
	char above[WIRE_FILE_PATH_MAX_BYTES + 1];
	const char *slash = strrchr(path, '/');

	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 0, path);
	snprintf(p->name, sizeof(p->name), "%s", slash ? slash + 1 : path);
	return folder_open(base, above, &p->folder);
}

/* What stands under the name: 1: nothing, or it may be replaced; 0: it is to be compared. */
static int look(struct files_part *p)
{
	struct folder_stat there;
	int r = folder_stat(p->folder, p->name, &there);

	if (r < 0)
		return r == -ENOENT ? 1 : r;
	if (there.kind == WIRE_FILE_FOLDER)
		return -EISDIR;
	if (p->replace)
		return 1;
	if (there.special || there.kind != WIRE_FILE_REGULAR || there.size_bytes != p->size_bytes ||
		there.mtime_s != p->mtime_s || there.mtime_ns != p->mtime_ns)
		return -EEXIST;
	p->compare = true;
	p->old_bytes = there.size_bytes;
	return folder_open_file(p->folder, p->name, &p->fd);
}

/* Ours alone: a file that somebody else put there, or another name of some file, is not written. */
static int open_temp(struct files_part *p)
{
	struct folder_stat open = { 0 }, there = { 0 };

	int r = folder_make_file(p->folder, p->temp, &p->fd);
	if (r == 0)
		r = disk_lock(p->fd);
	if (r == 0)
		r = folder_stat_file(p->fd, &open);
	if (r == 0)
		r = folder_stat(p->folder, p->temp, &there);
	if (r < 0)
		return r;
	if (open.special || open.kind != WIRE_FILE_REGULAR || !open.own)
		return -EPERM;
	/* Another transfer finished it between the two calls. */
	if (open.inode != there.inode || open.device != there.device)
		return -EBUSY;
	p->old_bytes = open.size_bytes;
	p->device = open.device;
	return 0;
}

/* Only what was written to its end by an earlier try: whole blocks, and the file's last one. */
static void count_have(struct files_part *p)
{
	uint64_t blocks = p->old_bytes / WIRE_FILE_BLOCK_BYTES;

	if (p->old_bytes == p->size_bytes && p->old_bytes % WIRE_FILE_BLOCK_BYTES && blocks > 0)
		blocks++;
	if (blocks > WIRE_FILE_HAVE_MAX_BLOCKS)
		blocks = WIRE_FILE_HAVE_MAX_BLOCKS;
	if (blocks > 0)
		p->have = malloc((size_t)blocks * WIRE_FILE_HASH_BYTES);
	p->have_total = p->have ? (uint32_t)blocks : 0;
}

int files_part_open(struct files_part *p, int base, const char *path,
	const struct wire_file_entry *entry, bool replace, struct files_hash *hash)
{
	begin(p, entry, hash);
	p->replace = replace;
	int r = open_folder(p, base, path);
	if (r == 0)
		r = look(p);
	if (r == 1) {
		name_temp(p);
		r = open_temp(p);
	}
	if (r < 0) {
		fd_close(&p->fd);
		fd_close(&p->folder);
		return r;
	}
	count_have(p);
	return 0;
}

void files_part_open_stream(
	struct files_part *p, int fd, const struct wire_file_entry *entry, struct files_hash *hash)
{
	begin(p, entry, hash);
	p->fd = fd;
}

static int write_stream(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t put = 0;
		int r = fd_write(fd, bytes, len, &put);
		if (r == -EAGAIN)
			r = fd_wait_one(fd, FD_WRITE, -1);
		if (r < 0)
			return r;
		bytes += put;
		len -= put;
	}
	return 0;
}

/* -EEXIST when the file that is there has other bytes. */
static int compare(const struct files_part *p, const uint8_t *bytes, size_t len)
{
	uint8_t own[WIRE_FILE_PART_MAX_BYTES];
	size_t got;

	while (len > 0) {
		size_t part = len < sizeof(own) ? len : sizeof(own);
		int r = disk_read(p->fd, own, part, p->at, &got);
		if (r < 0)
			return r;
		if (got != part || memcmp(own, bytes, part) != 0)
			return -EEXIST;
		bytes += part;
		len -= part;
	}
	return 0;
}

static bool fits(const struct files_part *p, uint64_t len)
{
	uint64_t most =
		p->size_bytes == WIRE_FILE_SIZE_UNKNOWN ? WIRE_FILE_MAX_BYTES : p->size_bytes;

	return p->at <= most && len <= most - p->at;
}

int files_part_bytes(struct files_part *p, const uint8_t *bytes, size_t len)
{
	if (!fits(p, len))
		return -EPROTO;
	int r = p->folder < 0 ? write_stream(p->fd, bytes, len)
		: p->compare  ? compare(p, bytes, len)
			      : disk_write(p->fd, bytes, len, p->at);
	if (r < 0)
		return r;
	files_hash_bytes(p->hash, bytes, len);
	p->at += len;
	return 0;
}

/* Where zeros have to be written or compared. */
static int zeros_by_bytes(struct files_part *p, uint64_t len)
{
	static const uint8_t zeros[WIRE_FILE_PART_MAX_BYTES];
	int r = 0;

	while (len > 0 && r == 0) {
		size_t part = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
		r = files_part_bytes(p, zeros, part);
		len -= part;
	}
	return r;
}

int files_part_zeros(struct files_part *p, uint64_t len)
{
	if (!fits(p, len))
		return -EPROTO;
	if (p->folder < 0 || p->compare)
		return zeros_by_bytes(p, len);
	int r = 0;
	if (p->at < p->old_bytes)
		r = disk_clear(p->fd, p->at, len);
	if (r < 0)
		return r;
	files_hash_zeros(p->hash, len);
	p->at += len;
	return 0;
}

int files_part_kept(struct files_part *p, uint64_t len)
{
	if (!fits(p, len) || p->at % WIRE_FILE_BLOCK_BYTES)
		return -EPROTO;
	uint64_t end = p->at + len;
	if (end % WIRE_FILE_BLOCK_BYTES && end != p->size_bytes)
		return -EPROTO;
	uint64_t first = p->at / WIRE_FILE_BLOCK_BYTES;
	uint64_t after = (end + WIRE_FILE_BLOCK_BYTES - 1) / WIRE_FILE_BLOCK_BYTES;
	if (after > p->have_count || end > p->old_bytes)
		return -EPROTO;
	for (uint64_t i = first; i < after; i++)
		files_hash_block(p->hash, p->have + i * WIRE_FILE_HASH_BYTES);
	p->at = end;
	return 0;
}

int files_part_end(struct files_part *p, const struct wire_file_end *end)
{
	uint8_t hash[WIRE_FILE_HASH_BYTES];

	if (end->size_bytes != p->at ||
		(p->size_bytes != WIRE_FILE_SIZE_UNKNOWN && p->at != p->size_bytes))
		return -EPROTO;
	files_hash_end(p->hash, hash);
	if (memcmp(hash, end->hash, sizeof(hash)) != 0)
		return -EBADMSG;
	free(p->have);
	p->have = NULL;
	p->have_count = p->have_total = 0;
	if (p->folder < 0 || p->compare)
		return 0;
	int r = disk_set_size(p->fd, p->at);
	if (r == 0)
		r = folder_set(p->fd, p->mode, p->mtime_s, p->mtime_ns);
	/* Small ones go to the disk together; each by itself would wait in its queue. */
	if (r == 0 && p->at >= WIRE_FILE_BLOCK_BYTES)
		disk_begin_sync(p->fd);
	return r;
}

static bool is_written(const struct files_part *p)
{
	return p->folder >= 0 && !p->compare;
}

/* From so many on the whole disk is brought up to date in their place. */
#define SYNC_DISK_COUNT 4

int files_part_sync(const struct files_part *parts, size_t count)
{
	const struct files_part *first = NULL;
	size_t written = 0;
	bool one_disk = true;
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_written(&parts[i]))
			continue;
		written++;
		if (!first)
			first = &parts[i];
		one_disk &= parts[i].device == first->device;
	}
	if (written >= SYNC_DISK_COUNT && one_disk)
		return folder_sync(first->fd);
	for (size_t i = 0; i < count && r == 0; i++)
		if (is_written(&parts[i]))
			r = disk_sync(parts[i].fd);
	return r;
}

int files_part_settle(struct files_part *p)
{
	int r = is_written(p) ? folder_rename(p->folder, p->temp, p->name, p->replace) : 0;

	if (r < 0) {
		files_part_drop(p, false);
		return r;
	}
	p->compare = true; /* nothing to remove any more */
	files_part_drop(p, true);
	return 0;
}

void files_part_drop(struct files_part *p, bool keep)
{
	if (p->folder >= 0) {
		/* Less than a block cannot be resumed. */
		if (!p->compare && p->fd >= 0 && (!keep || p->at < WIRE_FILE_BLOCK_BYTES) &&
			(!keep || p->old_bytes < WIRE_FILE_BLOCK_BYTES))
			(void)!folder_remove(p->folder, p->temp);
		fd_close(&p->fd);
		fd_close(&p->folder);
	}
	p->fd = -1;
	free(p->have);
	p->have = NULL;
	p->have_count = p->have_total = 0;
}

int files_part_have(struct files_part *p, struct wire_file_have *have)
{
	uint32_t first = p->have_count, count = p->have_total - first;

	if (count == 0)
		return 0;
	if (count > HAVE_STEP_BLOCKS)
		count = HAVE_STEP_BLOCKS;
	uint8_t *block = malloc(WIRE_FILE_BLOCK_BYTES);
	int r = block ? 0 : -ENOMEM;
	for (uint32_t i = first; i < first + count && r == 0; i++) {
		uint64_t at = (uint64_t)i * WIRE_FILE_BLOCK_BYTES;
		size_t got;
		r = disk_read(p->fd, block, WIRE_FILE_BLOCK_BYTES, at, &got);
		if (r == 0 && got == 0)
			r = -EIO;
		if (r == 0)
			files_hash_of(block, got, p->have + (size_t)i * WIRE_FILE_HASH_BYTES);
	}
	free(block);
	if (r < 0) {
		p->have_total = p->have_count; /* the rest is sent again */
		return 0;
	}
	p->have_count = first + count;
	have->first_block = first;
	have->hashes = p->have + (size_t)first * WIRE_FILE_HASH_BYTES;
	have->count = count;
	return 1;
}
