#include "common/clipboard/x11_targets.h"

/*
 * A line for each name, the best of its kind first. Firefox answers text/plain and STRING in ASCII with
 * escapes for everything else: they are the last to ask by.
 */
static const struct name {
	enum clipboard_kind kind;
	enum x11_atom_id id;
	bool latin1;
	bool offered; /* by us too: text/plain leaves the encoding open, so we do not */
} names[] = {
	{ CLIPBOARD_TEXT, X11_UTF8_STRING, false, true },
	{ CLIPBOARD_TEXT, X11_TEXT_PLAIN_UTF8, false, true },
	{ CLIPBOARD_TEXT, X11_TEXT_PLAIN_UTF8_UPPER, false, false },
	{ CLIPBOARD_TEXT, X11_TEXT, false, true },
	{ CLIPBOARD_TEXT, X11_STRING, true, true }, /* ISO 8859-1 by its definition */
	{ CLIPBOARD_HTML, X11_TEXT_HTML, false, true },
	{ CLIPBOARD_PNG, X11_IMAGE_PNG, false, true }, { CLIPBOARD_RTF, X11_TEXT_RTF, false, true },
	{ CLIPBOARD_RTF, X11_APPLICATION_RTF, false, false },
	{ CLIPBOARD_FILES, X11_URI_LIST, false, true },
	{ CLIPBOARD_FILES, X11_GNOME_FILES, false, true }, /* alone, nobody has it */
};

static bool has(const xcb_atom_t *list, size_t count, xcb_atom_t atom)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == atom)
			return true;
	return false;
}

void x11_targets_read(const xcb_atom_t atoms[static X11_ATOM_COUNT], const xcb_atom_t *list,
	size_t count, struct x11_offer *out)
{
	*out = (struct x11_offer){ .secret = has(list, count, atoms[X11_HINT]),
		.ours = has(list, count, atoms[X11_ORIGIN]) };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct name *n = &names[i];
		if (n->id == X11_GNOME_FILES || (out->kinds & 1U << n->kind) ||
			!has(list, count, atoms[n->id]))
			continue;
		out->kinds |= 1U << n->kind;
		out->target[n->kind] = atoms[n->id];
	}
}

bool x11_targets_answer(const xcb_atom_t atoms[static X11_ATOM_COUNT], xcb_atom_t target,
	unsigned kinds, struct x11_answer *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct name *n = &names[i];
		if (!(kinds & 1U << n->kind) || target != atoms[n->id])
			continue;
		out->kind = n->kind;
		out->latin1 = n->latin1;
		out->gnome = n->id == X11_GNOME_FILES;
		/* TEXT leaves the encoding to the owner: the type says which. */
		out->type = n->id == X11_TEXT ? atoms[X11_UTF8_STRING] : target;
		return true;
	}
	return false;
}

size_t x11_targets_list(const xcb_atom_t atoms[static X11_ATOM_COUNT], unsigned kinds, bool secret,
	xcb_atom_t list[static X11_ATOM_COUNT])
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct name *n = &names[i];
		if (n->offered && (kinds & 1U << n->kind))
			list[count++] = atoms[n->id];
	}
	if (secret)
		list[count++] = atoms[X11_HINT];
	list[count++] = atoms[X11_ORIGIN];
	list[count++] = atoms[X11_TIMESTAMP];
	list[count++] = atoms[X11_MULTIPLE];
	list[count++] = atoms[X11_SAVE_TARGETS];
	list[count++] = atoms[X11_TARGETS];
	return count;
}
