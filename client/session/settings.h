/*
 * What a person may change of a known workstation, by key and value: one table that `farseat set`
 * and whoever else edits it share. farseat.
 */
#pragma once

#include "client/session/workstation.h"

#define SETTINGS_TEXT_MAX_BYTES WAY_TEXT_MAX_BYTES

struct setting {
	const char *key;
	const char *label;  /* what the launcher calls it */
	const char *values; /* what it takes, for help: "yes|no" */
	const char *help;   /* a sentence */
	bool choice;        /* one of values, which are words between bars; else any text */
	const char *none;   /* the word for nothing, where there may be nothing; else NULL */
	/* Takes a value; NULL, or what is wrong with it: static text, such as "must be yes or no". */
	const char *(*take)(struct workstation *w, const char *value);
	void (*show)(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES]);
};

/* In the order in which they are shown; ends with a NULL key. */
#define SETTINGS_MAX 16 /* a test holds that no table is longer */
extern const struct setting settings[];

/* NULL: there is none of that key. */
const struct setting *settings_find(const char *key);

/* The n-th word of a choice; false: there are not so many. */
#define SETTINGS_WORD_BYTES 16
bool settings_word(const struct setting *s, int n, char out[static SETTINGS_WORD_BYTES]);

/* Whether anything differs; a proxy's password counts although it is not shown. */
bool settings_differ(const struct workstation *a, const struct workstation *b);

/* Keeps now in place of before, under its new name if it has one. -EEXIST: there is another of that
 * name, and nothing changed; -EINVAL: a text cannot be kept. */
int settings_keep(const struct workstation *before, const struct workstation *now) MUST_CHECK;
