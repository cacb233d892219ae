/*
 * Drops files onto a window as a file manager does (XDND, version 5), for the end-to-end tests.
 *
 *   xdrop :N URI ...
 * The window is the first one below the root that takes drops; the drop is in its middle. Exit status 0
 * when the window said that it has taken it, 1 when it did not within 10 s.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/xcb.h>

#define WAIT_MS 10000
#define VERSION 5

enum { AWARE, ENTER, POSITION, STATUS, DROP, FINISHED, SELECTION, ACTION_COPY, URI_LIST, ATOMS };

struct drop {
	xcb_connection_t *connection;
	xcb_window_t root, source, target;
	xcb_atom_t atoms[ATOMS];
	char uris[65536];
};

static void make_atoms(struct drop *d)
{
	static const char *const names[ATOMS] = { "XdndAware", "XdndEnter", "XdndPosition",
		"XdndStatus", "XdndDrop", "XdndFinished", "XdndSelection", "XdndActionCopy",
		"text/uri-list" };

	for (int i = 0; i < ATOMS; i++) {
		xcb_intern_atom_reply_t *r = xcb_intern_atom_reply(d->connection,
			xcb_intern_atom(d->connection, 0, (uint16_t)strlen(names[i]), names[i]),
			NULL);
		d->atoms[i] = r ? r->atom : XCB_ATOM_NONE;
		free(r);
	}
}

static int is_aware(struct drop *d, xcb_window_t window)
{
	xcb_get_property_reply_t *r = xcb_get_property_reply(d->connection,
		xcb_get_property(d->connection, 0, window, d->atoms[AWARE], XCB_ATOM_ATOM, 0, 1),
		NULL);
	int aware = r && r->type == XCB_ATOM_ATOM;

	free(r);
	return aware;
}

static xcb_window_t find_target(struct drop *d, xcb_window_t window)
{
	xcb_window_t found = is_aware(d, window) ? window : XCB_WINDOW_NONE;
	xcb_query_tree_reply_t *tree =
		xcb_query_tree_reply(d->connection, xcb_query_tree(d->connection, window), NULL);

	for (int i = 0; tree && !found && i < xcb_query_tree_children_length(tree); i++)
		found = find_target(d, xcb_query_tree_children(tree)[i]);
	free(tree);
	return found;
}

static void say(struct drop *d, int what, uint32_t b, uint32_t c, uint32_t e, uint32_t f)
{
	xcb_client_message_event_t m = {
		.response_type = XCB_CLIENT_MESSAGE,
		.format = 32,
		.window = d->target,
		.type = d->atoms[what],
		.data.data32 = { d->source, b, c, e, f },
	};

	xcb_send_event(d->connection, 0, d->target, 0, (const char *)&m);
	xcb_flush(d->connection);
}

static void answer(struct drop *d, const xcb_selection_request_event_t *q)
{
	char sent[32] = { 0 };
	xcb_selection_notify_event_t m = {
		.response_type = XCB_SELECTION_NOTIFY,
		.time = q->time,
		.requestor = q->requestor,
		.selection = q->selection,
		.target = q->target,
		.property = q->target == d->atoms[URI_LIST] ? q->property : XCB_ATOM_NONE,
	};

	if (m.property)
		xcb_change_property(d->connection, XCB_PROP_MODE_REPLACE, q->requestor, q->property,
			q->target, 8, (uint32_t)strlen(d->uris), d->uris);
	memcpy(sent, &m, sizeof(m));
	xcb_send_event(d->connection, 0, q->requestor, 0, sent);
	xcb_flush(d->connection);
}

/* Serves the selection until that message of the target came; its second word in *flags. */
static int wait_for(struct drop *d, int what, uint32_t *flags)
{
	struct pollfd p = { .fd = xcb_get_file_descriptor(d->connection), .events = POLLIN };

	for (;;) {
		xcb_generic_event_t *e = xcb_poll_for_event(d->connection);
		if (!e && poll(&p, 1, WAIT_MS) <= 0)
			return 0;
		if (!e)
			continue;
		const xcb_client_message_event_t *m = (const void *)e;
		int kind = e->response_type & 0x7f, came = 0;
		if (kind == XCB_SELECTION_REQUEST)
			answer(d, (const void *)e);
		if (kind == XCB_CLIENT_MESSAGE && m->type == d->atoms[what]) {
			*flags = m->data.data32[1];
			came = 1;
		}
		free(e);
		if (came)
			return 1;
	}
}

static void open_drop(struct drop *d, const char *display)
{
	d->connection = xcb_connect(display, NULL);
	if (xcb_connection_has_error(d->connection)) {
		fprintf(stderr, "xdrop: cannot open display %s\n", display);
		exit(2);
	}
	d->root = xcb_setup_roots_iterator(xcb_get_setup(d->connection)).data->root;
	d->source = xcb_generate_id(d->connection);
	xcb_create_window(d->connection, 0, d->source, d->root, 0, 0, 1, 1, 0,
		XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, 0, NULL);
	make_atoms(d);
	d->target = find_target(d, d->root);
	xcb_set_selection_owner(d->connection, d->source, d->atoms[SELECTION], XCB_CURRENT_TIME);
}

/* The middle of the target on the screen, as XdndPosition has it. */
static uint32_t middle(struct drop *d)
{
	xcb_get_geometry_reply_t *g = xcb_get_geometry_reply(
		d->connection, xcb_get_geometry(d->connection, d->target), NULL);
	uint32_t place =
		g ? (uint32_t)(g->x + g->width / 2) << 16 | (uint32_t)(g->y + g->height / 2) : 0;

	free(g);
	return place;
}

int main(int argc, char **argv)
{
	static struct drop d;
	uint32_t flags = 0;
	size_t len = 0;

	if (argc < 3)
		return 2;
	for (int i = 2; i < argc && len < sizeof(d.uris); i++)
		len += (size_t)snprintf(d.uris + len, sizeof(d.uris) - len, "%s\r\n", argv[i]);
	open_drop(&d, argv[1]);
	if (!d.target) {
		fputs("xdrop: no window takes drops\n", stderr);
		return 1;
	}
	say(&d, ENTER, VERSION << 24, d.atoms[URI_LIST], 0, 0);
	say(&d, POSITION, 0, middle(&d), XCB_CURRENT_TIME, d.atoms[ACTION_COPY]);
	if (!wait_for(&d, STATUS, &flags) || !(flags & 1)) {
		fputs("xdrop: the window does not take it\n", stderr);
		return 1;
	}
	say(&d, DROP, 0, XCB_CURRENT_TIME, 0, 0);
	int done = wait_for(&d, FINISHED, &flags);
	xcb_disconnect(d.connection);
	return done ? 0 : 1;
}
