#include "common/clipboard/x11_base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

static const char *const names[X11_ATOM_COUNT] = {
	[X11_CLIPBOARD] = "CLIPBOARD",
	[X11_TARGETS] = "TARGETS",
	[X11_TIMESTAMP] = "TIMESTAMP",
	[X11_MULTIPLE] = "MULTIPLE",
	[X11_SAVE_TARGETS] = "SAVE_TARGETS",
	[X11_ATOM_PAIR] = "ATOM_PAIR",
	[X11_INCR] = "INCR",
	[X11_NULL] = "NULL",
	[X11_PROPERTY] = "_FARSEAT_CLIPBOARD",
	[X11_HINT] = "x-kde-passwordManagerHint",
	[X11_ORIGIN] = "_FARSEAT_ORIGIN",
	[X11_UTF8_STRING] = "UTF8_STRING",
	[X11_STRING] = "STRING",
	[X11_TEXT] = "TEXT",
	[X11_TEXT_PLAIN] = "text/plain",
	[X11_TEXT_PLAIN_UTF8] = "text/plain;charset=utf-8",
	[X11_TEXT_PLAIN_UTF8_UPPER] = "text/plain;charset=UTF-8",
	[X11_TEXT_HTML] = "text/html",
	[X11_IMAGE_PNG] = "image/png",
	[X11_TEXT_RTF] = "text/rtf",
	[X11_APPLICATION_RTF] = "application/rtf",
	[X11_URI_LIST] = "text/uri-list",
	[X11_GNOME_FILES] = "x-special/gnome-copied-files",
	[X11_KDE_CUT] = "application/x-kde-cutselection",
};

static int make_atoms(struct x11_base *x)
{
	xcb_intern_atom_cookie_t asked[X11_ATOM_COUNT];
	int r = 0;

	for (size_t i = 0; i < X11_ATOM_COUNT; i++)
		asked[i] = xcb_intern_atom(x->connection, 0, (uint16_t)strlen(names[i]), names[i]);
	for (size_t i = 0; i < X11_ATOM_COUNT; i++) {
		xcb_intern_atom_reply_t *reply =
			xcb_intern_atom_reply(x->connection, asked[i], NULL);
		if (reply)
			x->atoms[i] = reply->atom;
		else
			r = -EIO;
		free(reply);
	}
	return r;
}

/* The extension that tells of owners. It stays silent until its version is agreed on. */
static int find_xfixes(struct x11_base *x)
{
	const xcb_query_extension_reply_t *there =
		xcb_get_extension_data(x->connection, &xcb_xfixes_id);

	if (!there || !there->present)
		return -ENOTSUP;
	x->xfixes_event = there->first_event;
	xcb_xfixes_query_version_reply_t *version = xcb_xfixes_query_version_reply(
		x->connection, xcb_xfixes_query_version(x->connection, 4, 0), NULL);
	int r = version ? 0 : -ENOTSUP;
	free(version);
	return r;
}

static int open_connection(struct x11_base *x, const char *display)
{
	int number = 0;

	x->connection = xcb_connect(display, &number);
	if (!x->connection || xcb_connection_has_error(x->connection))
		return -ECONNREFUSED;
	xcb_screen_iterator_t s = xcb_setup_roots_iterator(xcb_get_setup(x->connection));
	for (; s.rem > 1 && number > 0; number--)
		xcb_screen_next(&s);
	x->root = s.data->root;
	xcb_prefetch_extension_data(x->connection, &xcb_xfixes_id);
	xcb_prefetch_maximum_request_length(x->connection);
	return 0;
}

int x11_base_open(struct x11_base *x, const char *display)
{
	*x = (struct x11_base){ 0 };
	int r = open_connection(x, display);
	if (r == 0)
		r = find_xfixes(x);
	if (r == 0)
		r = make_atoms(x);
	if (r == 0)
		x->window = x11_base_make_window(x);
	else
		x11_base_close(x);
	return r;
}

void x11_base_close(struct x11_base *x)
{
	if (x->connection)
		xcb_disconnect(x->connection);
	x->connection = NULL;
}

xcb_window_t x11_base_make_window(struct x11_base *x)
{
	const uint32_t mask = XCB_EVENT_MASK_PROPERTY_CHANGE;
	xcb_window_t window = xcb_generate_id(x->connection);

	xcb_create_window(x->connection, 0, window, x->root, 0, 0, 1, 1, 0,
		XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK, &mask);
	return window;
}
