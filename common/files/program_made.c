/*
 * What a transfer has brought into the workstation's folder, for the session's clipboard: a list of
 * URIs (RFC 2483, section 5), so that the person can paste there what was dropped. The names are the
 * other end's; here they become plain ASCII.
 */
#include "common/files/program.h"

#include <stdio.h>
#include <string.h>

/* As RFC 3986, section 2.3, and the separator: everything else is written as %XX. */
static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~/", c));
}

/* false: it does not fit. */
static bool add_text(struct files_made *made, const char *text, bool escaped)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (sizeof(made->uris) - made->len < 3)
			return false;
		if (!escaped || is_plain(c)) {
			made->uris[made->len++] = (char)c;
			continue;
		}
		made->uris[made->len++] = '%';
		made->uris[made->len++] = digits[c >> 4];
		made->uris[made->len++] = digits[c & 15];
	}
	return true;
}

void files_made_add(struct files_made *made, const char *folder, const char *name)
{
	if (made->beyond)
		return;
	made->last = made->len;
	bool fits = add_text(made, "file://", false) && add_text(made, folder, true) &&
		    add_text(made, strcmp(folder, "/") == 0 ? "" : "/", false) &&
		    add_text(made, name, true) && add_text(made, "\r\n", false);
	/* A part of it would look like all of it. */
	made->beyond = !fits;
}

void files_made_undo(struct files_made *made)
{
	if (!made->beyond)
		made->len = made->last;
}

/* An entry of its own, not one within a folder that came before. */
void files_program_note_made(struct files_program *p, const struct wire_file_entry *e)
{
	struct files_made *made = p->made;

	if (!made || memchr(e->path, '/', e->path_len))
		return;
	if (p->rename[0])
		snprintf(made->name, sizeof(made->name), "%s", p->rename);
	else
		snprintf(made->name, sizeof(made->name), "%.*s", (int)e->path_len,
			(const char *)e->path);
	files_made_add(made, made->folder, made->name);
}

void files_program_note_fault(struct files_program *p, const char *path)
{
	if (p->made && strcmp(p->made->name, path) == 0) {
		files_made_undo(p->made);
		p->made->name[0] = '\0';
	}
}

void files_program_tell_made(struct files_program *p)
{
	struct files_record record = { .type = RECORD_FILES_MADE };

	if (!p->made || p->made->beyond || p->made->len == 0)
		return;
	record.files_made.uris.bytes = (const uint8_t *)p->made->uris;
	record.files_made.uris.len = p->made->len;
	(void)!files_record_send(
		&p->parent, &record, -1); /* a parent that is gone has no clipboard */
}
