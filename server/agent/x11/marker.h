/*
 * What the agent has changed on a display that outlives it: keys and buttons held, keycodes lent,
 * auto-repeat, group. It stands in a small shared file of the runtime folder, so that it is there
 * after a kill -9 and costs a store in memory a key. The next agent undoes what it says. The file
 * names the X server it speaks of: another server is left alone.
 */
#pragma once

#include "common/base/macros.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define MARKER_BYTES 1064

struct marker {
	uint8_t *bytes; /* the mapped file, or own */
	uint8_t own[MARKER_BYTES];
	bool mapped;
	char path[PATH_MAX]; /* of the mapped file */
};

/* dir "": nothing outlives us. A file that cannot be used is logged and done without. */
void marker_open(struct marker *m, const char *dir, const char *display);
void marker_close(struct marker *m); /* the file stays */
/* The same, where nothing is left to undo: the file goes. */
void marker_remove(struct marker *m);

uint32_t marker_server(const struct marker *m);
/* Clears all and names the server. */
void marker_reset(struct marker *m, uint32_t server);

enum marker_set {
	MARKER_KEYS,    /* keycodes held */
	MARKER_BUTTONS, /* buttons held: below 16 */
};
void marker_put(struct marker *m, enum marker_set set, uint8_t number, bool on);
bool marker_has(const struct marker *m, enum marker_set set, uint8_t number);

/* The keysym that a keycode without a meaning was given; 0: none. */
void marker_put_lent(struct marker *m, uint8_t keycode, uint32_t keysym);
uint32_t marker_lent(const struct marker *m, uint8_t keycode);

/* Whether auto-repeat is to be switched on again. */
void marker_put_repeat(struct marker *m, bool was_on);
bool marker_repeat(const struct marker *m);

/* The group to go back to; -1 none. */
void marker_put_group(struct marker *m, int group);
int marker_group(const struct marker *m);
