/*
 * "Get a file ...": what lies in the workstation's folder for files, as a list in the menu's place, and
 * the choice of one. The names come by a farseat-files that copies nothing. farseat.
 */
#pragma once

#include "client/session/files_process.h"
#include "client/window/overlay.h"
#include "common/base/fd.h"

struct window;

/* As many as are told of one folder. */
#define WINDOW_PICK_MAX RECORD_FILES_NAMES_MAX

struct window_pick_entry {
	char *name; /* owned; bytes */
	bool is_folder;
	uint64_t size_bytes;
};

struct window_pick {
	bool open;
	bool asked; /* the names are on their way */
	struct files_process process;
	char path[WIRE_FILE_PATH_MAX_BYTES + 1]; /* of the folder; empty: the first one */
	struct window_pick_entry *entries; /* owned: WINDOW_PICK_MAX; sorted when all are there */
	size_t count;
	size_t beyond; /* that were not told, or have no room */
	uint8_t fault; /* why there is no list; WIRE_FILE_OK: there is one */
	int selected;  /* of the lines that can be chosen: first those above the entries */
	int top;       /* the first of them that is shown */
};

/* Opens the menu with the list. Why not is said. */
void window_pick_open(struct window *w);
/* The menu closes, or the window. */
void window_pick_close(struct window *w);

void window_pick_words(const struct window *w, struct overlay_words *words);

/* A key; the pointer at the panel's line, which is pressed where it says so; the wheel. */
void window_pick_key(struct window *w, SDL_Keycode key);
void window_pick_point(struct window *w, int line, bool pressed);
void window_pick_scroll(struct window *w, int lines);

/* At most one descriptor. */
size_t window_pick_fds(const struct window *w, struct fd_poll *fds);
/* Takes what came. */
void window_pick_step(struct window *w);
