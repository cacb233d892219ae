/*
 * What a clipboard can hold, as all of Farseat counts it: kinds, never names of targets, since names
 * carry secrets too (ARCHITECTURE.md, D-CLIPBOARD).
 */
#pragma once

#include "common/wire/messages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are those of PROTOCOL.md. */
enum clipboard_kind {
	CLIPBOARD_TEXT = WIRE_CLIPBOARD_TEXT, /* UTF-8; line ends as they came */
	CLIPBOARD_HTML = WIRE_CLIPBOARD_HTML, /* UTF-8, and a <meta> that says so */
	CLIPBOARD_PNG = WIRE_CLIPBOARD_PNG,
	CLIPBOARD_RTF = WIRE_CLIPBOARD_RTF,
	/* Of the machine that copied them: that they are there crosses as clipboard, they themselves by
	 * the files' channel. */
	CLIPBOARD_FILES = WIRE_CLIPBOARD_FILES,
};
#define CLIPBOARD_KIND_COUNT 5

/* A set of kinds has the bit 1 << kind for each. */
#define CLIPBOARD_BIT(kind)  (1U << (kind))
#define CLIPBOARD_WIRE_KINDS WIRE_CLIPBOARD_KINDS_ALL /* whose contents cross as clipboard */
#define CLIPBOARD_KINDS_ALL  ((1U << CLIPBOARD_KIND_COUNT) - 1)

enum clipboard_selection {
	CLIPBOARD_CLIPBOARD = WIRE_CLIPBOARD_CLIPBOARD, /* Ctrl+C, Ctrl+V */
	CLIPBOARD_PRIMARY = WIRE_CLIPBOARD_PRIMARY,     /* selected; middle button */
};
#define CLIPBOARD_SELECTION_COUNT 2

/* A person waits so long for a paste. Then it is refused: GTK and Qt stand still meanwhile, xterm
 * gives up after 5 s. */
#define CLIPBOARD_ANSWER_MS 4000

/* What an end keeps of an answer so that the next paste is at once, until the owner changes. */
#define CLIPBOARD_KEPT_MAX_BYTES (16U << 20)

/* An OFFER of PRIMARY at most so often: a selection that is being drawn changes with each motion. Of
 * CLIPBOARD: a program may copy in a loop, and both ends end a connection that offers without measure
 * (CARRIER_NEWS_PER_S), while nobody copies and pastes within that time. */
#define CLIPBOARD_PRIMARY_MS   250
#define CLIPBOARD_CLIPBOARD_MS 100

/* How many bytes each kind that crosses may have: what an array [WIRE_CLIPBOARD_KINDS] begins with. */
#define CLIPBOARD_KINDS_MAX_BYTES                                                                  \
	{                                                                                          \
		[CLIPBOARD_TEXT] = WIRE_CLIPBOARD_TEXT_MAX_BYTES,                                  \
		[CLIPBOARD_HTML] = WIRE_CLIPBOARD_TEXT_MAX_BYTES,                                  \
		[CLIPBOARD_PNG] = WIRE_CLIPBOARD_PNG_MAX_BYTES,                                    \
		[CLIPBOARD_RTF] = WIRE_CLIPBOARD_TEXT_MAX_BYTES,                                   \
	}

/* The same of one kind. */
size_t clipboard_kind_max_bytes(enum clipboard_kind kind);

/* "text", "html", "png", "rtf", "files"; "clipboard", "primary": in the log and the configuration. */
const char *clipboard_kind_name(enum clipboard_kind kind);
const char *clipboard_selection_name(enum clipboard_selection selection);

/* The kind of that name. false: there is none. */
bool clipboard_kind_of_name(enum clipboard_kind *out, const char *name);
