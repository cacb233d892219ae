/*
 * Kinds as X11 names them: which targets stand for which kind, to ask by and to answer by. Only a chosen
 * set of names is known here and nothing else is asked for or handed on, since names carry secrets too
 * (LibreOffice puts the path of the document into one). Pure.
 */
#pragma once

#include "common/clipboard/kind.h"
#include "common/clipboard/x11_base.h"

/* As many names as an owner is heard about; GIMP offers 20, LibreOffice 30. */
#define X11_TARGETS_MAX 256

/* What an owner offers. */
struct x11_offer {
	unsigned kinds;                          /* 1 << enum clipboard_kind */
	bool secret;                             /* a password: it carries the hint */
	bool ours;                               /* it came by Farseat: it carries our mark */
	xcb_atom_t target[CLIPBOARD_KIND_COUNT]; /* to ask by; XCB_ATOM_NONE where not offered */
};

/* What the names in an owner's TARGETS say. */
void x11_targets_read(const xcb_atom_t atoms[static X11_ATOM_COUNT], const xcb_atom_t *list,
	size_t count, struct x11_offer *out);

/* How a target is answered. */
struct x11_answer {
	enum clipboard_kind kind;
	xcb_atom_t type; /* of the property */
	bool latin1;     /* the text in ISO 8859-1, as STRING is */
	bool gnome;      /* the files as x-special/gnome-copied-files */
};

/* Whether that target stands for one of the kinds, and how it is answered then. */
bool x11_targets_answer(const xcb_atom_t atoms[static X11_ATOM_COUNT], xcb_atom_t target,
	unsigned kinds, struct x11_answer *out);

/* The list that answers TARGETS, and how many it has. */
size_t x11_targets_list(const xcb_atom_t atoms[static X11_ATOM_COUNT], unsigned kinds, bool secret,
	xcb_atom_t list[static X11_ATOM_COUNT]);
