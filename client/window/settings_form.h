/*
 * The settings of a workstation while a person edits them: texts that are typed at their end, and
 * words that are chosen. Nothing is kept before settings_form_keep. farseat; no window.
 */
#pragma once

#include "client/session/settings.h"

#define SETTINGS_FORM_WRONG_BYTES 256

struct settings_form {
	struct workstation before;
	/* As they are shown and edited; "" stands for a setting's word for nothing. May hold a
	 * password that was typed: wiped. */
	char texts[SETTINGS_MAX][SETTINGS_TEXT_MAX_BYTES],
		shown[SETTINGS_MAX][SETTINGS_TEXT_MAX_BYTES];
	int count;
	int at;                                /* which has the keyboard */
	char wrong[SETTINGS_FORM_WRONG_BYTES]; /* a sentence, until something changes; "" */
};

void settings_form_open(struct settings_form *f, const struct workstation *w);
void settings_form_close(struct settings_form *f);

/* To another setting, by so many, from the last on to the first. */
void settings_form_move(struct settings_form *f, int by);

/* Adds text, without control characters, as far as there is room; a choice takes none. */
void settings_form_type(struct settings_form *f, const char *text);
void settings_form_erase(struct settings_form *f); /* the last character */
void settings_form_clear(struct settings_form *f);

/* The next word of a choice, or by -1 the one before; text stays. */
void settings_form_turn(struct settings_form *f, int by);
/* The n-th word of setting i. */
void settings_form_choose(struct settings_form *f, int i, int n);

/*
 * Checks what was changed, all of it, and keeps it. 0: *now is the workstation as it is kept. Else
 * wrong says what, and the setting at fault has the keyboard: -EINVAL a value, -EEXIST the name is
 * another's, -errno of the disk.
 */
int settings_form_keep(struct settings_form *f, struct workstation *now) MUST_CHECK;
