/*
 * Kinds as Wayland names them: which media types stand for which kind, to ask by and to answer by. Only
 * a chosen set of names is known here, since names carry secrets too (D-CLIPBOARD). Pure;
 */
#pragma once

#include "common/clipboard/kind.h"

#define WAYLAND_NAME_BYTES 80

/* What an offer says of itself; zeroed at first. */
struct wayland_names {
	unsigned kinds; /* CLIPBOARD_BIT */
	bool secret;    /* it carries the hint of password managers */
	/* By our own mark, which is a name, since reading a value would take a pipe and time: the end at
	 * which it was copied first, and the object that owns it. 0: no Farseat's. */
	uint64_t origin, owner;
	const char *ask[CLIPBOARD_KIND_COUNT]; /* static; NULL where not offered */
};

/* One more name that the offer has. */
void wayland_names_add(struct wayland_names *n, const char *name);

/* How a name is answered. */
enum wayland_answer {
	WAYLAND_ANSWER_NONE, /* not ours to answer */
	WAYLAND_ANSWER_KIND, /* with what *kind says */
	WAYLAND_ANSWER_HINT, /* with WAYLAND_HINT_VALUE */
};
#define WAYLAND_HINT_VALUE "secret"
enum wayland_answer wayland_names_answer(const char *name, enum clipboard_kind *kind);

/* The names to offer of those kinds, one call each. */
typedef void (*wayland_name_fn)(void *user, const char *name);
void wayland_names_offer(unsigned kinds, bool secret, wayland_name_fn tell, void *user);

/* The mark: what names.origin and names.owner will read. */
void wayland_names_mark(char out[static WAYLAND_NAME_BYTES], uint64_t origin, uint64_t owner);
