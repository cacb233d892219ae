/* What programs of the laptop see: a folder that can be read. Requests of FUSE are answered at once where
 * what they want is here, and wait otherwise. */
#include "client/paste/paste.h"

#include "common/base/clock.h"

#include <errno.h>
#include <string.h>

/* A name is never taken back; the kernel need not ask again. */
#define ENTRY_S 3600.0
/* Nor do folders and links change; the kernel looks at a folder for each name that is opened in it. A file
 * may be another one when it is opened again: its size and time are asked for each time, here. */
#define ATTRIBUTES_S      3600.0
#define FILE_ATTRIBUTES_S 0.0
/* What was asked for ahead is as good as what is asked for now, for so long. */
#define FRESH_MS 5000
/* Parts of a read: a MiB at most, and what it begins and ends in. */
#define PARTS_MAX 12

/* ---- attributes ---- */

static struct stat attributes(const struct paste *p, uint32_t number)
{
	static const mode_t kinds[] = { [WIRE_FILE_REGULAR] = S_IFREG,
		[WIRE_FILE_FOLDER] = S_IFDIR,
		[WIRE_FILE_LINK] = S_IFLNK };
	const struct paste_node *n = paste_tree_node(&p->tree, number);
	struct stat st = { .st_ino = number,
		.st_nlink = 1,
		.st_uid = p->uid,
		.st_gid = p->gid,
		.st_blksize = PASTE_BLOCK_BYTES };

	/* It is the person's own and can be read by nobody else; nobody writes. What is made of it has
	 * the permissions that it has there, as far as its owner may read it. */
	st.st_mode = kinds[n->kind] | (mode_t)(n->mode & 0555) | 0400;
	if (n->kind == WIRE_FILE_FOLDER)
		st.st_mode |= 0100;
	st.st_size = (off_t)(n->target ? strlen(n->target) : n->version.size_bytes);
	st.st_blocks = (blkcnt_t)((n->version.size_bytes + 511) / 512);
	st.st_mtim.tv_sec = (time_t)n->version.mtime_s;
	st.st_mtim.tv_nsec = (long)n->version.mtime_ns;
	st.st_atim = st.st_ctim = st.st_mtim;
	return st;
}

static double attributes_s(const struct paste *p, uint32_t number)
{
	bool file = paste_tree_node(&p->tree, number)->kind == WIRE_FILE_REGULAR;

	return file ? FILE_ATTRIBUTES_S : ATTRIBUTES_S;
}

static void reply_entry(struct paste *p, fuse_req_t req, uint32_t number)
{
	const struct fuse_entry_param entry = { .ino = number,
		.attr = attributes(p, number),
		.attr_timeout = attributes_s(p, number),
		.entry_timeout = ENTRY_S };

	fuse_reply_entry(req, &entry);
}

/* ---- what may wait: true: it is answered ---- */

static bool fail(const struct paste_waiting *w, int error)
{
	fuse_reply_err(w->req, error);
	return true;
}

static bool answer_lookup(struct paste *p, struct paste_waiting *w)
{
	const struct paste_node *folder = paste_tree_node(&p->tree, w->node);
	uint32_t found = paste_tree_find(&p->tree, w->node, w->name, strlen(w->name));

	if (found != 0) {
		reply_entry(p, w->req, found);
		return true;
	}
	if (folder->kind != WIRE_FILE_FOLDER)
		return fail(w, ENOTDIR);
	if (folder->listing == PASTE_LISTED)
		return fail(w, folder->error ? folder->error : ENOENT);
	return !fetch_list(p, w->node) && fail(w, EIO);
}

/* As many names as there is room for, from offset on; "." and ".." are the first two. */
static size_t fill(struct paste *p, const struct paste_waiting *w, char *out)
{
	const struct paste_node *folder = paste_tree_node(&p->tree, w->node);
	size_t len = 0;

	for (uint64_t i = w->offset; i < folder->child_count + 2ULL; i++) {
		static const char *const dots[] = { ".", ".." };
		uint32_t number = i >= 2 ? folder->children[i - 2] : w->node;
		const char *name = i >= 2 ? paste_tree_node(&p->tree, number)->name : dots[i];
		const struct stat st = attributes(p, number);
		size_t more = fuse_add_direntry(
			w->req, out + len, w->size - len, name, &st, (off_t)i + 1);
		if (more > w->size - len)
			break;
		len += more;
	}
	return len;
}

static bool answer_readdir(struct paste *p, struct paste_waiting *w)
{
	const struct paste_node *folder = paste_tree_node(&p->tree, w->node);
	bool whole = folder->listing == PASTE_LISTED;
	char out[16384];

	/* The dots do not go before it is known whether the folder can be read. */
	if (!whole && (folder->child_count == 0 || w->offset >= folder->child_count + 2ULL))
		return !fetch_list(p, w->node) && fail(w, EIO);
	w->size = MIN(w->size, sizeof(out));
	size_t len = fill(p, w, out);
	if (len == 0 && folder->error)
		return fail(w, folder->error);
	fuse_reply_buf(w->req, out, len);
	return true;
}

/* With the beginning of the file comes in which state it is now. */
static bool answer_open(struct paste *p, struct paste_waiting *w)
{
	struct paste_node *n = paste_tree_node(&p->tree, w->node);
	struct paste_block *b = paste_blocks_find(&p->blocks, w->node, 0);

	if (n->kind != WIRE_FILE_REGULAR)
		return fail(w, EISDIR);
	if (b && b->state == PASTE_BLOCK_HERE && !w->asked &&
		(!b->ahead || clock_now_ms() >= b->came_ms + FRESH_MS)) {
		paste_block_drop(b);
		b = NULL;
	}
	if (!b) {
		w->asked = true;
		return !fetch_block(p, w->node, 0) && fail(w, EIO);
	}
	if (b->state != PASTE_BLOCK_HERE)
		return p->line.cut && fail(w, EIO);
	int error = b->error;
	if (error != 0) {
		paste_block_drop(b);
		return fail(w, error);
	}
	if (!lending_version_same(&n->version, &b->version))
		paste_blocks_drop_of(&p->blocks, w->node, b);
	b->ahead = false;
	n->version = b->version;
	fetch_beside(p, w->node);
	p->handles += fuse_reply_open(w->req, &w->file) == 0;
	return true;
}

/* A block of the state in which the file was opened. 1: it is here; 0: it is waited for; -errno. */
static int have(struct paste *p, uint32_t node, uint32_t index, struct iovec *out)
{
	const struct paste_node *n = paste_tree_node(&p->tree, node);
	struct paste_block *b = paste_blocks_find(&p->blocks, node, index);

	if (b && b->state == PASTE_BLOCK_ASKED)
		return p->line.cut ? -EIO : 0;
	if (b && (b->error || !lending_version_same(&b->version, &n->version))) {
		int error = b->error ? b->error : EIO; /* it changed while it was read */
		paste_blocks_drop_of(&p->blocks, node, NULL);
		return -error;
	}
	if (b && b->len < fetch_block_len(n, index)) { /* asked for when the file was shorter */
		paste_block_drop(b);
		b = NULL;
	}
	if (!b)
		return fetch_block(p, node, index) ? 0 : -EIO;
	*out = (struct iovec){ b->bytes, b->len };
	return 1;
}

static bool answer_read(struct paste *p, struct paste_waiting *w)
{
	const struct paste_node *n = paste_tree_node(&p->tree, w->node);
	uint64_t size = n->version.size_bytes;
	struct iovec parts[PARTS_MAX] = { { NULL, 0 } };
	int count = 0, r = 1;

	if (w->offset >= size) {
		fuse_reply_buf(w->req, NULL, 0);
		return true;
	}
	uint64_t end = MIN(w->offset + w->size, size);
	uint32_t first = (uint32_t)(w->offset / PASTE_BLOCK_BYTES);
	uint32_t last = (uint32_t)((end - 1) / PASTE_BLOCK_BYTES);
	for (uint32_t i = first; i <= last && count < PARTS_MAX; i++, count++) {
		int part = have(p, w->node, i, &parts[count]);
		if (part < 0)
			return fail(w, -part);
		r = MIN(r, part);
	}
	fetch_ahead(p, w->node, last);
	if (r == 0)
		return false;
	size_t skip = (size_t)(w->offset - (uint64_t)first * PASTE_BLOCK_BYTES);
	parts[0].iov_base = (uint8_t *)parts[0].iov_base + skip;
	parts[0].iov_len -= skip;
	parts[count - 1].iov_len -=
		(size_t)(MIN(((uint64_t)last + 1) * PASTE_BLOCK_BYTES, size) - end);
	fuse_reply_iov(w->req, parts, count);
	return true;
}

static bool answer(struct paste *p, struct paste_waiting *w)
{
	if (w->interrupted)
		return fail(w, EINTR);
	switch (w->request) {
	case PASTE_LOOKUP:
		return answer_lookup(p, w);
	case PASTE_OPEN:
		return answer_open(p, w);
	case PASTE_READ:
		return answer_read(p, w);
	case PASTE_READDIR:
		return answer_readdir(p, w);
	}
	return fail(w, EIO);
}

void show_answer(struct paste *p)
{
	for (size_t i = 0; i < PASTE_WAITING_MAX && p->waiting_count > 0; i++) {
		struct paste_waiting *w = &p->waiting[i];
		if (!w->req || !answer(p, w))
			continue;
		*w = (struct paste_waiting){ 0 };
		p->waiting_count--;
	}
}

/* ---- what FUSE calls ---- */

static void on_interrupt(fuse_req_t req, void *data)
{
	struct paste_waiting *w = data;

	(void)req;
	w->interrupted = true;
}

/* Answers it at once, or keeps it. */
static void take(fuse_req_t req, const struct paste_waiting *wanted)
{
	struct paste *p = fuse_req_userdata(req);
	struct paste_waiting w = *wanted;

	w.req = req;
	p->used_ms = clock_now_ms();
	if (!paste_tree_node(&p->tree, w.node)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	if (answer(p, &w))
		return;
	for (size_t i = 0; i < PASTE_WAITING_MAX; i++) {
		if (p->waiting[i].req)
			continue;
		p->waiting[i] = w;
		p->waiting_count++;
		fuse_req_interrupt_func(req, on_interrupt, &p->waiting[i]);
		return;
	}
	fuse_reply_err(req, EBUSY);
}

static void on_init(void *user, struct fuse_conn_info *conn)
{
	(void)user;
	/* Bytes are copied: their memory is a block's, and pipes have no place here. */
	conn->want &=
		~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct paste_waiting w = { .request = PASTE_LOOKUP, .node = (uint32_t)parent };
	size_t len = strlen(name);

	if (len > WIRE_FILE_NAME_MAX_BYTES) {
		fuse_reply_err(req, ENAMETOOLONG);
		return;
	}
	memcpy(w.name, name, len + 1);
	take(req, &w);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct paste *p = fuse_req_userdata(req);

	(void)file;
	if (!paste_tree_node(&p->tree, ino)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	const struct stat st = attributes(p, (uint32_t)ino);
	fuse_reply_attr(req, &st, attributes_s(p, (uint32_t)ino));
}

static void on_readlink(fuse_req_t req, fuse_ino_t ino)
{
	const struct paste *p = fuse_req_userdata(req);
	const struct paste_node *n = paste_tree_node(&p->tree, ino);

	if (n && n->target)
		fuse_reply_readlink(req, n->target);
	else
		fuse_reply_err(req, EINVAL);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
	const struct paste_waiting w = {
		.request = PASTE_OPEN, .node = (uint32_t)ino, .file = *file
	};

	if (file->flags & (O_WRONLY | O_RDWR))
		fuse_reply_err(req, EROFS);
	else
		take(req, &w);
}

static void on_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
	const struct paste_waiting w = { .request = PASTE_READ,
		.node = (uint32_t)ino,
		.offset = (uint64_t)offset,
		.size = MIN(size, (size_t)(PARTS_MAX - 2) * PASTE_BLOCK_BYTES) };

	(void)file;
	take(req, &w);
}

static void on_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct paste *p = fuse_req_userdata(req);

	(void)ino;
	p->handles += fuse_reply_open(req, file) == 0;
}

static void on_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
	const struct paste_waiting w = { .request = PASTE_READDIR,
		.node = (uint32_t)ino,
		.offset = (uint64_t)offset,
		.size = size };

	(void)file;
	take(req, &w);
}

static void on_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct paste *p = fuse_req_userdata(req);

	(void)ino;
	(void)file;
	p->handles -= p->handles > 0;
	p->used_ms = clock_now_ms();
	fuse_reply_err(req, 0);
}

const struct fuse_lowlevel_ops show_ops = {
	.init = on_init,
	.lookup = on_lookup,
	.getattr = on_getattr,
	.readlink = on_readlink,
	.open = on_open,
	.read = on_read,
	.release = on_release,
	.opendir = on_opendir,
	.readdir = on_readdir,
	.releasedir = on_release,
};
