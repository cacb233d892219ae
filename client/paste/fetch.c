/* What is asked for at the end that lends, and what comes of it. */
#include "client/paste/paste.h"

#include "common/base/clock.h"

#include <errno.h>
#include <string.h>

/* Asked for ahead of a program that reads one block after the other: 3 MiB, which is 100 Mbit/s over a
 * quarter of a second. */
#define AHEAD_BLOCKS 24
/* Files whose only block is asked for ahead of a program that opens one after the other. */
#define BESIDE_FILES 16
/* Of the questions, those that are left to what somebody waits for. */
#define SPARE_ASKS 6

static int error_of(uint8_t fault)
{
	switch (fault) {
	case WIRE_FILE_OK:
		return 0;
	case WIRE_FILE_NOT_FOUND:
		return ENOENT;
	case WIRE_FILE_DENIED:
		return EACCES;
	case WIRE_FILE_IS_FOLDER:
		return EISDIR;
	case WIRE_FILE_NO_FOLDER:
		return ENOTDIR;
	case WIRE_FILE_IS_LINK:
		return ELOOP;
	default:
		return EIO;
	}
}

/* ---- asking ---- */

/* With its path, which fits: paste_tree_add saw to that. */
static int ask(struct paste *p, const struct lending_question *what, uint32_t node, uint32_t index)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
	struct lending_question q = *what;
	int r = paste_tree_path(&p->tree, node, path);

	if (r < 0)
		return r;
	q.path = (const uint8_t *)path;
	q.path_len = strlen(path);
	return paste_line_ask(&p->line, &q, node, index);
}

/* Whether somebody waits in vain. What has no room now is tried again when an answer has come. */
static bool is_had(const struct paste *p, int r)
{
	return r == 0 || r == -EBUSY || (r == -ENOTCONN && !p->line.cut);
}

bool fetch_list(struct paste *p, uint32_t node)
{
	const struct lending_question q = { .kind = LENDING_LIST };
	struct paste_node *n = paste_tree_node(&p->tree, node);

	if (p->line.cut || n->listing != PASTE_UNLISTED)
		return !p->line.cut;
	int r = ask(p, &q, node, 0);
	if (r == 0)
		n->listing = PASTE_ASKED;
	return is_had(p, r);
}

size_t fetch_block_len(const struct paste_node *n, uint32_t index)
{
	uint64_t at = (uint64_t)index * PASTE_BLOCK_BYTES;

	return at >= n->version.size_bytes
		       ? 0
		       : (size_t)MIN(n->version.size_bytes - at, (uint64_t)PASTE_BLOCK_BYTES);
}

bool fetch_block(struct paste *p, uint32_t node, uint32_t index)
{
	const struct paste_node *n = paste_tree_node(&p->tree, node);
	/* Of an empty file a byte, so that the answer says whether it still is. */
	size_t size = MAX(fetch_block_len(n, index), (size_t)1);
	const struct lending_question q = { .kind = LENDING_READ,
		.offset = (uint64_t)index * PASTE_BLOCK_BYTES,
		.len = (uint32_t)size };

	if (p->line.cut)
		return false;
	if (!p->line.open || p->line.waiting == LENDING_ASKS_MAX)
		return true;
	struct paste_block *b = paste_blocks_take(&p->blocks, node, index, size);
	if (!b)
		return true;
	int r = ask(p, &q, node, index);
	if (r < 0)
		paste_block_drop(b);
	return is_had(p, r);
}

static bool may_look_ahead(const struct paste *p)
{
	return p->line.waiting + SPARE_ASKS < LENDING_ASKS_MAX && !p->line.cut;
}

void fetch_ahead(struct paste *p, uint32_t node, uint32_t index)
{
	struct paste_node *n = paste_tree_node(&p->tree, node);
	bool in_order = index == 0 || index == n->last_block || index == n->last_block + 1;

	n->last_block = index;
	for (uint32_t i = index + 1; in_order && i <= index + AHEAD_BLOCKS; i++) {
		if (fetch_block_len(n, i) == 0 || !may_look_ahead(p))
			return;
		if (!paste_blocks_find(&p->blocks, node, i))
			(void)fetch_block(p, node, i); /* who waits for it tries again */
	}
}

static void fetch_first(struct paste *p, uint32_t node)
{
	if (!fetch_block(p, node, 0))
		return;
	struct paste_block *b = paste_blocks_find(&p->blocks, node, 0);
	if (b)
		b->ahead = true;
}

void fetch_beside(struct paste *p, uint32_t node)
{
	const struct paste_node *n = paste_tree_node(&p->tree, node);
	struct paste_node *folder = paste_tree_node(&p->tree, n->parent);
	bool in_order =
		n->place >= folder->read_next && n->place < folder->read_next + BESIDE_FILES;

	folder->read_next = n->place + 1;
	for (uint32_t i = 1; in_order && i <= BESIDE_FILES; i++) {
		if (n->place + i >= folder->child_count || !may_look_ahead(p))
			return;
		uint32_t other = folder->children[n->place + i];
		const struct paste_node *o = paste_tree_node(&p->tree, other);
		if (o->kind == WIRE_FILE_REGULAR && o->version.size_bytes <= PASTE_BLOCK_BYTES &&
			!paste_blocks_find(&p->blocks, other, 0))
			fetch_first(p, other);
	}
}

/* ---- answers ---- */

static int take_entries(struct paste *p, const struct paste_news_of *news)
{
	struct wire_reader entries = news->answer.entries;
	struct lending_entry e;
	int r;

	while ((r = lending_entry_read(&entries, &e)) == 1) {
		int added = paste_tree_add(&p->tree, news->ask.node, &e);
		if (added == -EPROTO)
			return added;
		/* What has too long a path cannot be asked for, and is not shown. */
		if (added < 0 && added != -ENAMETOOLONG)
			paste_tree_node(&p->tree, news->ask.node)->error = EIO;
	}
	return r;
}

static int take_bytes(struct paste *p, const struct paste_news_of *news)
{
	struct paste_block *b = paste_blocks_find(&p->blocks, news->ask.node, news->ask.block);

	return b ? paste_block_add(b, news->answer.bytes, news->answer.len) : -EPROTO;
}

static void end_list(struct paste *p, const struct paste_news_of *news)
{
	struct paste_node *n = paste_tree_node(&p->tree, news->ask.node);

	n->listing = PASTE_LISTED;
	if (news->answer.fault != WIRE_FILE_OK)
		n->error = error_of(news->answer.fault);
}

static int end_read(struct paste *p, const struct paste_news_of *news)
{
	struct paste_block *b = paste_blocks_find(&p->blocks, news->ask.node, news->ask.block);
	uint64_t at = (uint64_t)news->ask.block * PASTE_BLOCK_BYTES;

	if (!b)
		return -EPROTO;
	b->state = PASTE_BLOCK_HERE;
	b->came_ms = clock_now_ms();
	b->version = news->answer.version;
	b->error = error_of(news->answer.fault);
	uint64_t there = b->version.size_bytes > at ? b->version.size_bytes - at : 0;
	/* It had to be all that the file has there. */
	if (b->error == 0 && b->len != MIN(there, (uint64_t)b->size))
		return -EPROTO;
	return 0;
}

int fetch_take(struct paste *p, const struct paste_news_of *news)
{
	switch (news->answer.kind) {
	case LENDING_ENTRIES:
		return take_entries(p, news);
	case LENDING_BYTES:
		return take_bytes(p, news);
	default:
		if (news->ask.kind == LENDING_READ)
			return end_read(p, news);
		end_list(p, news);
		return 0;
	}
}
