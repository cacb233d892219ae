/*
 * What a person may change of a known workstation, by key and value: one table that `farseat set`
 * and whoever else edits it share. farseat.
 */
#pragma once

#include "client/session/workstation.h"

#define SETTINGS_TEXT_MAX_BYTES WAY_TEXT_MAX_BYTES

struct setting {
	const char *key;
	const char *values; /* what it takes, for help: "yes|no" */
	/* Takes a value; NULL, or what is wrong with it: static text, such as "must be yes or no". */
	const char *(*take)(struct workstation *w, const char *value);
	void (*show)(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES]);
};

/* In the order in which they are shown; ends with a NULL key. */
extern const struct setting settings[];

/* NULL: there is none of that key. */
const struct setting *settings_find(const char *key);
