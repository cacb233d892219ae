#include "client/paste/parent.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/files/program.h"
#include "common/ipc/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIGURE_MS  10000
#define TELL_EVERY_MS 1000

static int on_config(void *owner, const void *body, int *fd)
{
	struct paste *p = owner;
	const struct record_files_config *c = body;

	(void)fd;
	if (p->configured || c->role != RECORD_FILES_PASTE)
		return -EPROTO;
	p->configured = true;
	p->line.transfer = c->transfer;
	snprintf(p->folder, sizeof(p->folder), "%.*s", (int)c->home.len,
		c->home.len ? (const char *)c->home.bytes : "");
	return 0;
}

static int on_place(void *owner, const void *body, int *fd)
{
	struct paste *p = owner;

	(void)body;
	if (p->fuse_fd >= 0 || *fd < 0)
		return -EPROTO;
	p->fuse_fd = *fd;
	*fd = -1;
	return 0;
}

static int on_go(void *owner, const void *body, int *fd)
{
	struct paste *p = owner;

	(void)body;
	(void)fd;
	if (!p->configured || p->fuse_fd < 0)
		return -EPROTO;
	p->go = true;
	return 0;
}

static int on_cancel(void *owner, const void *body, int *fd)
{
	struct paste *p = owner;

	(void)body;
	(void)fd;
	p->quit = true;
	return 0;
}

static unsigned phase_of(const void *owner)
{
	const struct paste *p = owner;

	return p->go;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("farseat sent %s", what);
}

#define BEFORE DISPATCH_IN(0)
#define AFTER  DISPATCH_IN(1)

static const struct dispatch_rule rules[] = {
	{ RECORD_FILES_CONFIG, BEFORE, on_config, 0 },
	{ RECORD_FILES_PLACE, BEFORE, on_place, 0 },
	{ RECORD_FILES_GO, BEFORE, on_go, 0 },
	{ RECORD_FILES_CANCEL, BEFORE | AFTER, on_cancel, 0 },
};

static const struct dispatch dispatch = {
	.records = &files_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse,
};

int parent_configure(struct paste *p)
{
	struct files_record record;

	while (!p->go) {
		int r = dispatch_wait(&p->parent, &dispatch, p, &record, CONFIGURE_MS);
		if (r < 0)
			return r;
	}
	return 0;
}

int parent_take(struct paste *p)
{
	struct files_record record;
	int r = ipc_flush(&p->parent);

	if (r < 0 && r != -EAGAIN)
		return r;
	do
		r = dispatch_next(&p->parent, &dispatch, p, &record);
	while (r == 1);
	return r == -EAGAIN ? 0 : r;
}

/* A parent that is gone is not told; its channel's end is seen in the loop. */
static void tell(struct paste *p, const struct files_record *record)
{
	(void)!files_record_send(&p->parent, record, -1);
}

void parent_tell_fault(struct paste *p, const struct wire_file_fault_of *fault)
{
	const struct files_record record = { .type = RECORD_FILES_FAULT,
		.files_fault = { .fault = fault->fault,
			.there = true,
			.name = { fault->path, fault->path_len } } };

	tell(p, &record);
}

/* Its list begins with a line for each thing that is lent; none, or more than fit: empty. */
static void tell_list(struct paste *p)
{
	const struct paste_node *root = paste_tree_node(&p->tree, PASTE_ROOT);
	struct files_record record = { .type = RECORD_FILES_COPIED };
	struct files_made *made = calloc(1, sizeof(*made));

	for (uint32_t i = 0; made && i < root->child_count; i++)
		files_made_add(made, p->folder, paste_tree_node(&p->tree, root->children[i])->name);
	if (made && !made->beyond)
		record.files_copied.list =
			(struct record_blob){ (const uint8_t *)made->uris, made->len };
	p->listed = true;
	tell(p, &record);
	free(made);
}

static void tell_over(struct paste *p)
{
	const struct files_record record = { .type = RECORD_FILES_RESULT,
		.files_result = { .fault = p->line.ended, .there = true, .bytes = p->line.bytes } };

	p->over = true;
	tell(p, &record);
}

void parent_tell(struct paste *p)
{
	const struct files_record progress = { .type = RECORD_FILES_PROGRESS,
		.files_progress = { .files = p->handles, .bytes = p->line.bytes } };

	if (!p->listed && paste_tree_node(&p->tree, PASTE_ROOT)->listing == PASTE_LISTED)
		tell_list(p);
	if (p->line.cut && !p->over)
		tell_over(p);
	uint64_t now_ms = clock_now_ms();
	if (p->used_ms < p->told_ms || now_ms < p->told_ms + TELL_EVERY_MS)
		return;
	p->told_ms = now_ms;
	tell(p, &progress);
}
