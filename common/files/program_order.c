/* The workstation's farseat-files and the client's order: which of the folders of copies it means,
 * and whether it may. */
#include "common/files/program.h"

#include "common/base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What lies beneath a place: path after the place's own, without '/' at its beginning; NULL: path is
 * not in it. */
static const char *beneath(const struct files_place *place, const char *path)
{
	size_t len = strlen(place->name);

	while (len > 1 && place->name[len - 1] == '/')
		len--;
	if (strncmp(path, place->name, len) != 0 ||
		(path[len] != '/' && path[len] != '\0' && place->name[len - 1] != '/'))
		return NULL;
	return path + len + strspn(path + len, "/");
}

/* Names without "." and empty ones; -EXDEV for "..", which would need links to be followed. */
static int tidy(const char *path, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	while (*path) {
		size_t name = strcspn(path, "/");
		if (name == 2 && strncmp(path, "..", 2) == 0)
			return -EXDEV;
		if (name > 0 && !(name == 1 && path[0] == '.'))
			len += (size_t)snprintf(
				out + len, size - len, "%s%.*s", len ? "/" : "", (int)name, path);
		if (len >= size)
			return -ENAMETOOLONG;
		path += name + (path[name] == '/');
	}
	return 0;
}

/* The place, and the path beneath it. */
int files_program_find(const struct files_program *p, const char *text, size_t text_len,
	const struct files_place **place, char *out)
{
	char path[2 * WIRE_FILE_PATH_MAX_BYTES + 2];
	int len = (int)text_len;

	if (len > 0 && text[0] == '~' && (len == 1 || text[1] == '/') && p->home[0])
		snprintf(path, sizeof(path), "%s%.*s", p->home, len - 1, text + 1);
	else
		snprintf(path, sizeof(path), "%.*s", len, len ? text : "");
	*place = &p->places[0];
	if (path[0] != '/')
		return tidy(path, out, WIRE_FILE_PATH_MAX_BYTES + 1);
	const char *best = NULL;
	for (size_t i = 0; i < p->place_count; i++) {
		const char *rest = beneath(&p->places[i], path);
		if (rest && (!best || strlen(rest) < strlen(best))) {
			best = rest;
			*place = &p->places[i];
		}
	}
	return best ? tidy(best, out, WIRE_FILE_PATH_MAX_BYTES + 1) : -EXDEV;
}

/* The last name of path, and in above what stands before it. */
static const char *split(const char *path, char above[static WIRE_FILE_PATH_MAX_BYTES + 1])
{
	const char *slash = strrchr(path, '/');

	snprintf(
		above, WIRE_FILE_PATH_MAX_BYTES + 1, "%.*s", slash ? (int)(slash - path) : 0, path);
	return slash ? slash + 1 : path;
}

/* What arrives beneath path of that place is listed for the clipboard. */
static int make_list(struct files_program *p, const struct files_place *place, const char *path)
{
	p->made = calloc(1, sizeof(*p->made));
	if (!p->made)
		return -ENOMEM;
	snprintf(p->made->folder, sizeof(p->made->folder), "%s%s%s", place->name,
		path[0] ? "/" : "", path);
	return 0;
}

/* Into the folder, if it is one; else under its name. */
static int begin_put(struct files_program *p, const struct wire_file_open *order,
	const struct files_place *place, const char *path)
{
	char above[WIRE_FILE_PATH_MAX_BYTES + 1];
	const char *folder = path;

	int r = folder_open(place->fd, path, &p->base);
	if (r < 0) {
		if ((r != -ENOENT && r != -ENOTDIR) || order->flags & WIRE_FILE_MANY)
			return r == -ENOENT ? -ENOTDIR : r;
		const char *name = split(path, above);
		if (strlen(name) > WIRE_FILE_NAME_MAX_BYTES)
			return -ENAMETOOLONG;
		snprintf(p->rename, sizeof(p->rename), "%s", name);
		r = folder_open(place->fd, above, &p->base);
		if (r < 0)
			return r == -ENOENT ? -ENOTDIR : r;
		folder = above;
	}
	p->force = order->flags & WIRE_FILE_FORCE;
	r = order->flags & WIRE_FILE_PASTE ? make_list(p, place, folder) : 0;
	if (r < 0)
		return r;
	p->receiver.base = p->base;
	p->state = FILES_RECEIVING;
	return 0;
}

int files_program_open(const struct files_place *place, const char *path, bool recursive, int *out)
{
	char above[WIRE_FILE_PATH_MAX_BYTES + 1];
	struct folder_stat st;
	int folder;

	const char *name = split(path, above);
	int r = folder_open(place->fd, above, &folder);
	if (r < 0)
		return r;
	r = name[0] ? folder_stat(folder, name, &st) : 0;
	bool is_folder = !name[0] || (r == 0 && st.kind == WIRE_FILE_FOLDER);
	if (r == 0 && is_folder)
		r = recursive ? folder_open(folder, name, out) : -EISDIR;
	else if (r == 0)
		r = folder_open_file(folder, name, out);
	fd_close(&folder);
	return r;
}

static int begin_get(struct files_program *p, const struct wire_file_open *order,
	const struct files_place *place, const char *path)
{
	char above[WIRE_FILE_PATH_MAX_BYTES + 1];

	p->sender.names = order->flags & WIRE_FILE_NAMES;
	int r = p->sender.names ? folder_open(place->fd, path, &p->base)
				: files_program_open(place, path,
					  order->flags & WIRE_FILE_RECURSIVE, &p->base);
	if (r < 0)
		return r;
	const char *name = split(path[0] ? path : place->name, above);
	struct files_source *source = &p->sources[0];
	snprintf(source->name, sizeof(source->name), "%.*s", WIRE_FILE_NAME_MAX_BYTES,
		name[0] ? name : "files");
	source->fd = p->base;
	p->sender.source_count = 1;
	p->sender.links = order->flags & WIRE_FILE_LINKS;
	p->result.sent = true;
	p->state = FILES_SENDING;
	return 0;
}

static int begin_order(struct files_program *p, const struct wire_message *m)
{
	const bool put = m->type == WIRE_FILE_PUT;
	char path[WIRE_FILE_PATH_MAX_BYTES + 1];
	const struct files_place *place;

	if (!put && (m->file_open.flags & WIRE_FILE_COPIED)) {
		p->lent = m->file_open.flags & WIRE_FILE_LENT;
		return files_program_ask_copied(p);
	}
	int r = files_program_find(
		p, (const char *)m->file_open.path, m->file_open.path_len, &place, path);
	if (r < 0)
		return r;
	return put ? begin_put(p, &m->file_open, place, path)
		   : begin_get(p, &m->file_open, place, path);
}

int files_program_order(struct files_program *p, const struct wire_message *m)
{
	const struct wire_message opened = { .type = WIRE_FILE_OPENED, .file_of = { p->transfer } };
	const bool sftp = m->type == WIRE_FILE_SFTP;
	int r = 0;

	/* What it is confined to depends on which of them it is. */
	if ((m->type != WIRE_FILE_PUT && m->type != WIRE_FILE_GET && !sftp) ||
		sftp != (p->role == RECORD_FILES_SFTP))
		return -EPROTO;
	/* The worker judged it; it may have been taken over. */
	if (wire_cap_needed((uint8_t)m->type) & ~p->caps)
		return -EKEYREJECTED;
	if (sftp)
		p->state = FILES_STREAMING;
	else
		r = begin_order(p, m);
	/* Of what is copied in the session the parent's answer says whether it is opened. */
	return r < 0 || p->copied == FILES_COPIED_ASKED ? r : files_program_send(p, &opened);
}
