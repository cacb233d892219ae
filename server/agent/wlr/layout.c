#include "server/agent/wlr/layout.h"

#include "common/base/fd.h"
#include "common/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Ten times what a layout of four groups takes. */
#define TEXT_MAX_BYTES (1U << 20)
/* The longest name of a keysym has 27. */
#define NAME_MAX_BYTES 64

/* --- where it comes from --- */

struct wanted {
	struct xkb_context *context;
	struct xkb_keymap *keymap;
};

static void on_keymap(
	void *user, struct wl_keyboard *keyboard, uint32_t format, int fd, uint32_t size)
{
	struct wanted *wanted = user;
	void *text = MAP_FAILED;

	(void)keyboard;
	if (format == WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1 && size > 0 && size <= TEXT_MAX_BYTES)
		text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text != MAP_FAILED) {
		xkb_keymap_unref(wanted->keymap);
		wanted->keymap =
			xkb_keymap_new_from_buffer(wanted->context, text, strnlen(text, size),
				XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
		munmap(text, size);
	}
	fd_close(&fd);
}

/* No surface of ours has the focus: of the rest nothing is told. */
static void on_enter(void *user, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys)
{
	(void)user;
	(void)keyboard;
	(void)serial;
	(void)surface;
	(void)keys;
}

static void on_leave(
	void *user, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface)
{
	(void)user;
	(void)keyboard;
	(void)serial;
	(void)surface;
}

static void on_key(void *user, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state)
{
	(void)user;
	(void)keyboard;
	(void)serial;
	(void)time;
	(void)key;
	(void)state;
}

static void on_modifiers(void *user, struct wl_keyboard *keyboard, uint32_t serial, uint32_t held,
	uint32_t latched, uint32_t locked, uint32_t group)
{
	(void)user;
	(void)keyboard;
	(void)serial;
	(void)held;
	(void)latched;
	(void)locked;
	(void)group;
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = on_keymap,
	.enter = on_enter,
	.leave = on_leave,
	.key = on_key,
	.modifiers = on_modifiers,
};

static struct xkb_keymap *of_seat(struct wlr *w, struct xkb_context *context)
{
	struct wanted wanted = { .context = context };

	if (!(w->seat_can & WL_SEAT_CAPABILITY_KEYBOARD))
		return NULL;
	struct wl_keyboard *keyboard = wl_seat_get_keyboard(w->seat);
	wl_keyboard_add_listener(keyboard, &keyboard_listener, &wanted);
	if (wl_display_roundtrip(w->display) < 0)
		log_debug("the compositor does not tell its keyboard's layout");
	wl_keyboard_destroy(keyboard);
	return wanted.keymap;
}

struct xkb_keymap *wlr_layout_find(struct wlr *w, struct xkb_context *context)
{
	struct xkb_keymap *keymap = of_seat(w, context);

	if (!keymap)
		keymap = xkb_keymap_new_from_names(context, NULL, XKB_KEYMAP_COMPILE_NO_FLAGS);
	return keymap;
}

/* --- as text --- */

/* A keycode's name in the layout; one of ours where it has none. */
static void name_of(struct xkb_keymap *keymap, uint8_t keycode, char out[static NAME_MAX_BYTES])
{
	const char *name = xkb_keymap_key_get_name(keymap, keycode);

	if (name)
		snprintf(out, NAME_MAX_BYTES, "%s", name);
	else
		snprintf(out, NAME_MAX_BYTES, "FS%02X", keycode);
}

static void write_keycode(FILE *out, struct xkb_keymap *keymap, const struct wlr_layout_more *m)
{
	char name[NAME_MAX_BYTES];

	name_of(keymap, m->keycode, name);
	if (!xkb_keymap_key_get_name(keymap, m->keycode))
		fprintf(out, "\t<%s> = %u;\n", name, m->keycode);
}

static void write_symbols(FILE *out, struct xkb_keymap *keymap, const struct wlr_layout_more *m)
{
	char name[NAME_MAX_BYTES], plain[NAME_MAX_BYTES], shifted[NAME_MAX_BYTES];
	bool both = m->plain != m->shifted;

	name_of(keymap, m->keycode, name);
	if (xkb_keysym_get_name(m->plain, plain, sizeof(plain)) < 0 ||
		xkb_keysym_get_name(m->shifted, shifted, sizeof(shifted)) < 0)
		return;
	fprintf(out, "\tkey <%s> { [ %s%s%s ] };\n", name, plain, both ? ", " : "",
		both ? shifted : "");
}

/* Copies the text up to the begin of that section, and moves on. */
static const char *copy_up_to(FILE *out, const char *text, const char *section)
{
	const char *found = strstr(text, section);
	const char *brace = found ? strchr(found, '{') : NULL;
	size_t len = brace ? (size_t)(brace + 1 - text) : 0;

	fwrite(text, 1, len, out);
	fputc('\n', out);
	return text + len;
}

/* What is added goes to the begin of its section, whose own statements follow in any order. */
char *wlr_layout_text(struct xkb_keymap *keymap, const struct wlr_layout_more *more, size_t count)
{
	char *base = xkb_keymap_get_as_string(keymap, XKB_KEYMAP_FORMAT_TEXT_V1), *text = NULL;
	size_t size;
	FILE *out = base ? open_memstream(&text, &size) : NULL;

	if (out) {
		const char *rest = copy_up_to(out, base, "xkb_keycodes");
		for (size_t i = 0; i < count; i++)
			write_keycode(out, keymap, &more[i]);
		rest = copy_up_to(out, rest, "xkb_symbols");
		for (size_t i = 0; i < count; i++)
			write_symbols(out, keymap, &more[i]);
		fputs(rest, out);
	}
	if (out && (ferror(out) | fclose(out)) != 0) {
		free(text);
		text = NULL;
	}
	free(base);
	return text;
}
