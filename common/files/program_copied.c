/*
 * The workstation's farseat-files and what is copied in the session: a list of URIs out of a program of
 * the session's user, which the parent hands over when it is asked. Only what lies in the folders of
 * copies is sent; everything else is at fault, and the person reads why.
 */
#include "common/files/program.h"

#include "common/clipboard/uri_list.h"
#include "common/files/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int files_program_ask_copied(struct files_program *p)
{
	const struct files_record ask = { .type = RECORD_FILES_COPIED_ASK };

	p->copied = FILES_COPIED_ASKED;
	return files_record_send(&p->parent, &ask, -1);
}

static int send_fault(struct files_program *p, int error, const char *path)
{
	const struct wire_message m =
		files_fault_message(p->transfer, 0, files_fault_of(error), path);

	p->sender.faults++;
	return files_program_send(p, &m);
}

/* The name that is left of a path of a folder of copies; the folder itself has its own. */
static void name_source(struct files_source *s, const char *path, const struct files_place *place)
{
	const char *whole = path[0] ? path : place->name;
	const char *slash = strrchr(whole, '/');

	snprintf(s->name, sizeof(s->name), "%.*s", WIRE_FILE_NAME_MAX_BYTES,
		slash ? slash + 1 : whole);
	if (!s->name[0])
		snprintf(s->name, sizeof(s->name), "files");
}

static int add_source(struct files_program *p, const char *uri_path)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
	const struct files_place *place;

	if (p->sender.source_count == RECORD_FILES_PLACES_MAX)
		return -E2BIG;
	struct files_source *s = &p->sources[p->sender.source_count];
	int r = files_program_find(p, uri_path, strlen(uri_path), &place, path);
	if (r == 0)
		r = files_program_open(place, path, true, &s->fd);
	if (r < 0)
		return send_fault(p, r, uri_path);
	name_source(s, path, place);
	p->sender.source_count++;
	return 0;
}

int files_program_copied(struct files_program *p, const struct record_blob *list)
{
	const struct wire_message opened = { .type = WIRE_FILE_OPENED, .file_of = { p->transfer } };
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
	struct uri_list l;
	bool any = false;
	int r = 0, next;

	if (p->copied != FILES_COPIED_ASKED)
		return -EPROTO;
	p->copied = FILES_COPIED_TAKEN;
	uri_list_init(&l, list->bytes, list->len);
	while (r == 0 && (next = uri_list_next(&l, path, sizeof(path))) != 0) {
		if (next < 0)
			continue;
		if (!any)
			r = files_program_send(p, &opened);
		any = true;
		if (r == 0)
			r = add_source(p, path);
	}
	if (r == 0 && !any)
		r = -ENOENT;
	if (r < 0)
		return r;
	p->result.sent = true;
	p->state = p->lent ? FILES_LENDING : FILES_SENDING;
	return files_program_start(p);
}
