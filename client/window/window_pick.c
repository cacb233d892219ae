#include "client/window/window_pick.h"

#include "client/session/amount.h"
#include "client/session/files_order.h"
#include "client/window/window_state.h"
#include "common/base/log.h"
#include "common/files/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines that can be chosen and are seen at once; above them is the folder, below how many there are. */
#define ROWS 12
/* Lines before the first of them. */
#define HEAD 1

/* What stands above the entries in a folder that is not the first one. */
enum { UP, WHOLE, ABOVE };

static int above(const struct window_pick *p)
{
	return p->path[0] ? ABOVE : 0;
}

static int choices(const struct window_pick *p)
{
	return above(p) + (p->asked || p->fault != WIRE_FILE_OK ? 0 : (int)p->count);
}

/* ---- the names ---- */

static void forget(struct window_pick *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->entries[i].name);
	free(p->entries);
	p->entries = NULL;
	p->count = p->beyond = 0;
	p->selected = p->top = 0;
	p->fault = WIRE_FILE_OK;
}

static void stop(struct window_pick *p)
{
	if (p->asked)
		files_process_finish(&p->process, 0);
	p->asked = false;
}

/* Names that begin with a point are hidden, as in file managers. Links are copied by the command. */
static bool is_shown(const struct record_files_entry *e)
{
	return e->kind != WIRE_FILE_LINK && e->name.bytes[0] != '.';
}

static void on_entry(void *user, const struct record_files_entry *e)
{
	struct window_pick *p = user;

	if (!is_shown(e))
		return;
	char *name = p->count < WINDOW_PICK_MAX ? malloc(e->name.len + 1) : NULL;
	if (!name) {
		p->beyond++;
		return;
	}
	memcpy(name, e->name.bytes, e->name.len);
	name[e->name.len] = '\0';
	p->entries[p->count++] =
		(struct window_pick_entry){ name, e->kind == WIRE_FILE_FOLDER, e->size_bytes };
}

static void on_result(void *user, const struct record_files_result *r)
{
	struct window_pick *p = user;

	p->fault = r->fault;
	if (r->files > RECORD_FILES_NAMES_MAX)
		p->beyond += r->files - RECORD_FILES_NAMES_MAX;
}

static const struct files_process_events events = { .result = on_result, .entry = on_entry };

/* Folders first, then by name. */
static int compare(const void *one, const void *other)
{
	const struct window_pick_entry *a = one, *b = other;

	if (a->is_folder != b->is_folder)
		return a->is_folder ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* The folder at p->path, so that "~" in it is a name. */
static void make_path(const struct window_pick *p, const char *name, char *out, size_t size)
{
	snprintf(out, size, "./%s%s%s", p->path, p->path[0] && name[0] ? "/" : "", name);
}

static void ask(struct window *w)
{
	struct window_pick *p = &w->pick;
	char path[2 * WIRE_FILE_PATH_MAX_BYTES];
	int wire_fd = -1;
	const struct record_files_config config = { .role = RECORD_FILES_LIST,
		.transfer = window_copies_number(&w->copies) };

	stop(p);
	forget(p);
	p->entries = calloc(WINDOW_PICK_MAX, sizeof(*p->entries));
	files_process_init(&p->process, &events, p);
	int r = p->entries ? files_process_start(&p->process, &config, &wire_fd) : -ENOMEM;
	if (r == 0)
		r = files_process_go(&p->process);
	make_path(p, "", path, sizeof(path));
	const struct wire_message order =
		files_order(WIRE_FILE_GET, config.transfer, path, WIRE_FILE_NAMES);
	if (r == 0 && !connection_order_files(w->connection, &order, wire_fd))
		r = -ENOTCONN;
	fd_close(&wire_fd);
	p->asked = r == 0;
	if (r == 0)
		return;
	log_error("the workstation's folder cannot be looked into: %s", strerror(-r));
	files_process_finish(&p->process, 0);
	p->fault = WIRE_FILE_INTERNAL;
}

/* ---- the list ---- */

void window_pick_open(struct window *w)
{
	struct window_pick *p = &w->pick;

	if (!window_files_may(w, false)) {
		window_set_menu(w, false);
		return;
	}
	window_set_menu(w, true);
	p->open = true;
	p->path[0] = '\0';
	ask(w);
}

void window_pick_close(struct window *w)
{
	struct window_pick *p = &w->pick;

	stop(p);
	forget(p);
	p->open = false;
}

static void add_choice(const struct window_pick *p, int choice, struct overlay_words *words)
{
	char name[WINDOW_COPY_NAME_BYTES], size[AMOUNT_BYTES];

	if (choice < above(p)) {
		overlay_add_line(words,
			choice == UP ? "Back\t.." : "Get this folder\twith all that is in it");
		return;
	}
	const struct window_pick_entry *e = &p->entries[choice - above(p)];
	window_copy_clean(name, sizeof(name), (const uint8_t *)e->name, strlen(e->name));
	amount_text(size, e->size_bytes);
	overlay_add_line(words, "%s\t%s", name, e->is_folder ? "folder" : size);
}

static void add_foot(const struct window_pick *p, struct overlay_words *words)
{
	if (p->asked)
		overlay_add_line(words, "\tLooking ...");
	else if (p->fault != WIRE_FILE_OK)
		overlay_add_line(
			words, "\tIt cannot be looked into: %s.", files_fault_text(p->fault));
	else if (p->count == 0)
		overlay_add_line(words, "\tNothing is in it.");
	else if (p->beyond > 0)
		overlay_add_line(
			words, "\tand %zu more, of which farseat cp copies by name", p->beyond);
	else
		overlay_add_line(words, "\t%zu in all; Esc: close", p->count);
}

void window_pick_words(const struct window *w, struct overlay_words *words)
{
	const struct window_pick *p = &w->pick;
	char path[WINDOW_COPY_NAME_BYTES];
	size_t len = strlen(p->path);
	size_t from = len >= sizeof(path) ? len - sizeof(path) / 2 : 0;

	window_copy_clean(path, sizeof(path), (const uint8_t *)p->path + from, len - from);
	overlay_add_line(words, "\tFarseat folder on %.40s%s%s", w->workstation.name,
		from      ? ": ..."
		: path[0] ? ": "
			  : "",
		path);
	for (int i = p->top; i < choices(p) && i < p->top + ROWS; i++)
		add_choice(p, i, words);
	add_foot(p, words);
	words->selected = choices(p) > 0 ? HEAD + p->selected - p->top : -1;
}

/* ---- the choice ---- */

static void go_up(struct window *w)
{
	char *slash = strrchr(w->pick.path, '/');

	*(slash ? slash : w->pick.path) = '\0';
	ask(w);
}

static void choose(struct window *w)
{
	struct window_pick *p = &w->pick;
	char path[2 * WIRE_FILE_PATH_MAX_BYTES];
	int number = p->selected - above(p);

	if (p->selected >= choices(p))
		return;
	if (p->selected < above(p) && p->selected == UP) {
		go_up(w);
		return;
	}
	const struct window_pick_entry *e = number < 0 ? NULL : &p->entries[number];
	make_path(p, e ? e->name : "", path, sizeof(path));
	if (strlen(path) > WIRE_FILE_PATH_MAX_BYTES) {
		window_hint(w, "Its path is too long.");
	} else if (e && e->is_folder) {
		memmove(p->path, path + 2, strlen(path) - 1);
		ask(w);
	} else {
		window_files_get(w, path, !e);
		window_set_menu(w, false);
	}
}

static void select_line(struct window_pick *p, int number)
{
	int last = choices(p) - 1;

	p->selected = MAX(MIN(number, last), 0);
	p->top = MAX(MIN(p->top, p->selected), p->selected - ROWS + 1);
}

void window_pick_key(struct window *w, SDL_Keycode key)
{
	struct window_pick *p = &w->pick;

	switch (key) {
	case SDLK_UP:
		select_line(p, p->selected - 1);
		break;
	case SDLK_DOWN:
	case SDLK_TAB:
		select_line(p, p->selected + 1);
		break;
	case SDLK_PAGEUP:
		select_line(p, p->selected - ROWS);
		break;
	case SDLK_PAGEDOWN:
		select_line(p, p->selected + ROWS);
		break;
	case SDLK_BACKSPACE:
	case SDLK_LEFT:
		if (p->path[0])
			go_up(w);
		break;
	case SDLK_RETURN:
	case SDLK_KP_ENTER:
	case SDLK_SPACE:
		choose(w);
		break;
	case SDLK_ESCAPE:
		window_set_menu(w, false);
		break;
	default:
		break;
	}
}

void window_pick_point(struct window *w, int line, bool pressed)
{
	struct window_pick *p = &w->pick;
	int number = p->top + line - HEAD;

	if (line < HEAD || line >= HEAD + ROWS || number >= choices(p))
		return;
	p->selected = number;
	if (pressed)
		choose(w);
}

void window_pick_scroll(struct window *w, int lines)
{
	select_line(&w->pick, w->pick.selected + lines);
}

/* ---- its process ---- */

size_t window_pick_fds(const struct window *w, struct fd_poll *fds)
{
	if (!w->pick.asked)
		return 0;
	fds[0] = (struct fd_poll){ .fd = w->pick.process.channel.fd, .want = FD_READ };
	return 1;
}

void window_pick_step(struct window *w)
{
	struct window_pick *p = &w->pick;

	if (!p->asked || (files_process_read(&p->process) == 0 && !p->process.done))
		return;
	if (!p->process.done)
		p->fault = WIRE_FILE_INTERNAL;
	stop(p);
	log_debug(
		"files: %zu names in the folder on %s", p->count + p->beyond, w->workstation.name);
	if (p->count > 0)
		qsort(p->entries, p->count, sizeof(*p->entries), compare);
}
