#include "client/window/window_files.h"

#include "client/session/files_order.h"
#include "client/window/window_state.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/clipboard/uri_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* On the screen for a moment, and in the log for afterwards. */
static void say(struct window *w, const char *text)
{
	log_info("files: %s", text);
	window_hint(w, text);
}

bool window_files_may(struct window *w, bool up)
{
	uint32_t needed = up ? WIRE_CAP_FILES_IN : WIRE_CAP_FILES_OUT;
	char text[WINDOW_HINT_BYTES] = "";

	if (!window_session_open(w))
		snprintf(text, sizeof(text),
			"Not copied: there is no connection to %.40s at the moment.",
			w->workstation.name);
	else if (!connection_has_files(w->connection))
		snprintf(text, sizeof(text),
			"Not copied: the Farseat on %.40s is too old for files. Update it there.",
			w->workstation.name);
	else if (w->options.view_only && up)
		snprintf(text, sizeof(text), "View only: files are not copied there.");
	else if (!(connection_caps(w->connection) & needed))
		snprintf(text, sizeof(text),
			"This laptop may not copy files %s %.40s. The administrator can allow it (%s).",
			up ? "to" : "from", w->workstation.name, up ? "files-in" : "files-out");
	if (text[0])
		say(w, text);
	return text[0] == '\0';
}

/* ---- to the workstation ---- */

static void forget_drop(struct window_files *f)
{
	for (size_t i = 0; i < f->dropped_count; i++)
		SDL_free(f->dropped[i]);
	f->dropped_count = f->dropped_beyond = f->dropped_elsewhere = 0;
}

void window_files_drop_begin(struct window *w)
{
	forget_drop(&w->files);
}

void window_files_drop_path(struct window *w, char *path)
{
	struct window_files *f = &w->files;

	if (f->dropped_count < WINDOW_DROP_MAX) {
		f->dropped[f->dropped_count++] = path;
		return;
	}
	f->dropped_beyond++;
	SDL_free(path);
}

static void complain(struct window *w, const char *path, const char *why)
{
	char text[WINDOW_HINT_BYTES], name[WINDOW_COPY_NAME_BYTES];

	window_copy_clean(name, sizeof(name), (const uint8_t *)path, strlen(path));
	snprintf(text, sizeof(text), "%s was not copied: %.60s.", name, why);
	say(w, text);
}

/* Opens what was dropped and hands it over. false: it was not, which was said. */
static bool place(struct window *w, struct window_copy *c, const char *path)
{
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];
	bool is_folder;

	if (files_order_name(path, name) < 0) {
		complain(w, path, "it has no name to be called by there");
		return false;
	}
	int fd = file_open(path, &is_folder);
	int r = fd < 0 ? fd : window_copy_place(c, fd, name);
	fd_close(&fd);
	if (r < 0)
		complain(w, path, strerror(-r));
	return r == 0;
}

/* "report.pdf", "4 files". */
static void name_drop(const struct window_files *f, char *out, size_t size)
{
	const char *name;

	if (f->dropped_count == 1) {
		size_t len = files_order_last_name(f->dropped[0], &name);
		snprintf(out, size, "%.*s", (int)len, name);
	} else {
		snprintf(out, size, "%zu files", f->dropped_count);
	}
}

static void order(struct window *w, struct window_copy *c)
{
	c->pasted = window_clipboard_may_send(w);
	window_copy_order(c, "", (uint8_t)(WIRE_FILE_MANY | (c->pasted ? WIRE_FILE_PASTE : 0)));
}

void window_files_drop_end(struct window *w)
{
	struct window_files *f = &w->files;
	char name[WIRE_FILE_NAME_MAX_BYTES + 1];
	size_t placed = 0;

	if (f->dropped_beyond > 0)
		window_hint(w,
			"Not copied: more than 256 things at once. Drop the folder they are in.");
	else if (f->dropped_elsewhere > 0)
		say(w, "Not copied: what lies on another machine, or in the bin. Open it there.");
	if (f->dropped_count == 0 || f->dropped_beyond > 0 || !window_files_may(w, true)) {
		forget_drop(f);
		return;
	}
	name_drop(f, name, sizeof(name));
	struct window_copy *c = window_copy_begin(w, true, name);
	for (size_t i = 0; c && i < f->dropped_count; i++)
		placed += place(w, c, f->dropped[i]);
	if (placed > 0)
		order(w, c);
	else if (c)
		window_copy_drop(c);
	forget_drop(f);
}

void window_files_send_list(struct window *w, const uint8_t *list, size_t len)
{
	struct uri_list l;
	char path[PATH_MAX];
	int r;

	window_files_drop_begin(w);
	uri_list_init(&l, list, len);
	while ((r = uri_list_next(&l, path, sizeof(path))) != 0) {
		char *own = r > 0 ? SDL_strdup(path) : NULL;
		if (own)
			window_files_drop_path(w, own);
		else
			w->files.dropped_elsewhere++;
	}
	window_files_drop_end(w);
}

/* ---- to the laptop ---- */

/* -errno: neither is there nor can be made. */
static int open_folder(struct window_files *f)
{
	static const char *const names[] = { "Downloads", "Farseat" };
	char path[PATH_MAX];
	const char *home = path_home();
	int fd = -ENOENT;

	for (size_t i = 0; home && fd < 0 && i < ARRAY_LEN(names); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", home, names[i]) >= (int)sizeof(path))
			return -ENAMETOOLONG;
		snprintf(f->folder_name, sizeof(f->folder_name), "~/%s", names[i]);
		fd = dir_open(path);
	}
	if (fd == -ENOENT && home) {
		fd = dir_make(path, 0700);
		fd = fd < 0 ? fd : dir_open(path);
	}
	return fd;
}

const char *window_files_folder_name(const struct window *w)
{
	return w->files.folder_name;
}

/* name: what it is called in sentences. */
static void get(struct window *w, const char *name, const char *path, uint8_t flags)
{
	if (!window_files_may(w, false))
		return;
	int fd = open_folder(&w->files);
	if (fd < 0) {
		complain(w, name, "this laptop's folder for it, ~/Farseat, cannot be opened");
		return;
	}
	struct window_copy *c = window_copy_begin(w, false, name);
	int r = c ? window_copy_place(c, fd, "") : 0;
	fd_close(&fd);
	if (c && r == 0) {
		c->copied = flags & WIRE_FILE_COPIED;
		window_copy_order(c, path, flags);
	} else if (c) {
		complain(w, name, strerror(-r));
		window_copy_drop(c);
	}
}

void window_files_get(struct window *w, const char *path, bool is_folder)
{
	const char *name;

	(void)files_order_last_name(path, &name);
	get(w, name, path, is_folder ? WIRE_FILE_RECURSIVE : 0);
}

void window_files_get_copied(struct window *w)
{
	get(w, "What is copied in the session", "", WIRE_FILE_RECURSIVE | WIRE_FILE_COPIED);
}

void window_files_close(struct window *w)
{
	forget_drop(&w->files);
}
