/*
 * The laptop's farseat-files that looks into a folder of the workstation: names alone, which go to the
 * parent one by one. It has no folder and makes nothing; what it reads of the other end is checked by
 * the messages' decoder, and here for what a list may hold.
 */
#include "common/files/program.h"

#include <errno.h>
#include <string.h>

/* What lies in the folder is called by one name. */
static int take_entry(struct files_program *p, const struct wire_file_entry *e)
{
	const struct files_record record = { .type = RECORD_FILES_ENTRY,
		.files_entry = { .kind = e->kind,
			.size_bytes = e->size_bytes,
			.mtime_s = e->mtime_s,
			.name = { e->path, e->path_len } } };

	if (memchr(e->path, '/', e->path_len) || e->entry != p->receiver.entry + 1)
		return -EPROTO;
	p->receiver.entry = e->entry;
	p->receiver.files++;
	if (p->receiver.files > RECORD_FILES_NAMES_MAX)
		return 0; /* the parent learns by the result how many there are */
	return files_record_send(&p->parent, &record, -1);
}

static int close_list(struct files_program *p)
{
	const struct wire_message m = { .type = WIRE_FILE_CLOSE,
		.file_close = { .transfer = p->transfer, .files = p->receiver.files } };

	files_program_count(p);
	int r = files_program_send(p, &m);
	return r < 0 ? r : 1;
}

int files_program_list(struct files_program *p, const struct wire_message *m, size_t len)
{
	p->receiver.taken_bytes += m->type == WIRE_FILE_FAULT ? 0 : len;
	switch ((int)m->type) {
	case WIRE_FILE_OPENED:
		p->receiver.taken_bytes -= len;
		return p->receiver.entry == 0 ? 0 : -EPROTO;
	case WIRE_FILE_TOTAL: /* how much lies in all of it: not asked for, and no harm */
		return 0;
	case WIRE_FILE_ENTRY:
		return take_entry(p, &m->file_entry);
	case WIRE_FILE_LAST:
		return close_list(p);
	case WIRE_FILE_FAULT: /* something that cannot be looked at; the others can */
		return 0;
	default:
		return -EPROTO;
	}
}
