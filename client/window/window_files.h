/*
 * What a person does with files in the window: drops them onto it, which copies them to the
 * workstation, or takes one from there. Paths of the laptop are opened here, so that farseat-files
 * reaches nothing but them. farseat.
 */
#pragma once

#include "client/window/window_copies.h"

#include <limits.h>

/* Paths in one drop. */
#define WINDOW_DROP_MAX RECORD_FILES_PLACES_MAX

struct window_files {
	char *dropped[WINDOW_DROP_MAX]; /* owned, SDL's: what the drop under way has brought */
	size_t dropped_count;
	size_t dropped_beyond;      /* how many had no place there */
	size_t dropped_elsewhere;   /* that are no files of this laptop */
	char folder_name[PATH_MAX]; /* where files of the workstation go; "~/..." */
};

/* A drop begins; a path of it, which is taken over (SDL_free); its end: it is copied. */
void window_files_drop_begin(struct window *w);
void window_files_drop_path(struct window *w, char *path);
void window_files_drop_end(struct window *w);

/* Copies what a program here has copied (text/uri-list). */
void window_files_send_list(struct window *w, const uint8_t *list, size_t len);

/* Copies a path of the workstation to the laptop's folder: ~/Downloads, or ~/Farseat where there is
 * none. */
void window_files_get(struct window *w, const char *path, bool is_folder);
/* The same with the files that a program of the session has copied. */
void window_files_get_copied(struct window *w);
/* What that folder is called in sentences. */
const char *window_files_folder_name(const struct window *w);

/* Whether files can be copied that way now; why not is said. */
bool window_files_may(struct window *w, bool up);

void window_files_close(struct window *w);
