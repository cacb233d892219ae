/*
 * Owns a selection of an X display as a program that has copied does, and tells who asks for what: for
 * the end-to-end tests, where xclip can have one target alone.
 *
 *   xclaim :N clipboard|primary TARGET=TEXT...
 * Prints "owned" once it is, "asked TARGET" for each question, and "lost" when another
 * program owns the selection; then it ends, as it does with its standard input. Each line on standard
 * input takes the place of the targets from the last one: TARGET=TEXT, separated by tabs; it owns anew
 * and prints "owned" again.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xcb/xcb.h>

#define TARGETS_MAX 16
#define LINE_BYTES  4096

struct target {
	xcb_atom_t name;
	char text[256];
};

struct claim {
	xcb_connection_t *connection;
	xcb_window_t window;
	xcb_atom_t selection, targets_name, property;
	struct target targets[TARGETS_MAX];
	size_t count;
};

static xcb_atom_t atom_of(const struct claim *c, const char *name)
{
	xcb_intern_atom_reply_t *r = xcb_intern_atom_reply(c->connection,
		xcb_intern_atom(c->connection, 0, (uint16_t)strlen(name), name), NULL);
	xcb_atom_t atom = r ? r->atom : XCB_ATOM_NONE;

	free(r);
	return atom;
}

static void print_name(const struct claim *c, xcb_atom_t atom)
{
	xcb_get_atom_name_reply_t *r = xcb_get_atom_name_reply(
		c->connection, xcb_get_atom_name(c->connection, atom), NULL);

	if (r)
		printf("asked %.*s\n", xcb_get_atom_name_name_length(r), xcb_get_atom_name_name(r));
	fflush(stdout);
	free(r);
}

static void open_claim(struct claim *c, const char *display, const char *selection)
{
	*c = (struct claim){ .connection = xcb_connect(display, NULL) };
	if (xcb_connection_has_error(c->connection)) {
		fprintf(stderr, "xclaim: cannot open display %s\n", display);
		exit(2);
	}
	const uint32_t events = XCB_EVENT_MASK_PROPERTY_CHANGE;
	const xcb_screen_t *screen = xcb_setup_roots_iterator(xcb_get_setup(c->connection)).data;
	c->window = xcb_generate_id(c->connection);
	xcb_create_window(c->connection, 0, c->window, screen->root, 0, 0, 1, 1, 0,
		XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_EVENT_MASK, &events);
	c->selection =
		strcmp(selection, "primary") == 0 ? XCB_ATOM_PRIMARY : atom_of(c, "CLIPBOARD");
	c->targets_name = atom_of(c, "TARGETS");
	c->property = atom_of(c, "XCLAIM_TIME");
}

static void add_target(struct claim *c, const char *word)
{
	const char *equals = strchr(word, '=');
	char name[128];

	if (!equals || c->count == TARGETS_MAX) {
		fprintf(stderr, "xclaim: %s is not TARGET=TEXT\n", word);
		exit(2);
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
	struct target *t = &c->targets[c->count++];
	t->name = atom_of(c, name);
	snprintf(t->text, sizeof(t->text), "%s", equals + 1);
}

/* The server's time, which a program has to own by (ICCCM, 2.1), comes with a property. */
static void ask_time(const struct claim *c)
{
	xcb_change_property(c->connection, XCB_PROP_MODE_APPEND, c->window, c->property,
		XCB_ATOM_STRING, 8, 0, NULL);
}

static void own(const struct claim *c, xcb_timestamp_t time)
{
	xcb_set_selection_owner(c->connection, c->window, c->selection, time);
	xcb_get_selection_owner_reply_t *r = xcb_get_selection_owner_reply(
		c->connection, xcb_get_selection_owner(c->connection, c->selection), NULL);
	puts(r && r->owner == c->window ? "owned" : "refused");
	fflush(stdout);
	free(r);
}

static void put_names(const struct claim *c, const xcb_selection_request_event_t *e)
{
	xcb_atom_t names[TARGETS_MAX + 1] = { c->targets_name };

	for (size_t i = 0; i < c->count; i++)
		names[i + 1] = c->targets[i].name;
	xcb_change_property(c->connection, XCB_PROP_MODE_REPLACE, e->requestor, e->property,
		XCB_ATOM_ATOM, 32, (uint32_t)c->count + 1, names);
}

static void answer(const struct claim *c, const xcb_selection_request_event_t *e)
{
	xcb_selection_notify_event_t said = { .response_type = XCB_SELECTION_NOTIFY,
		.time = e->time,
		.requestor = e->requestor,
		.selection = e->selection,
		.target = e->target };

	if (e->target == c->targets_name) {
		put_names(c, e);
		said.property = e->property;
	}
	print_name(c, e->target);
	for (size_t i = 0; i < c->count; i++) {
		const struct target *t = &c->targets[i];
		if (t->name != e->target)
			continue;
		xcb_change_property(c->connection, XCB_PROP_MODE_REPLACE, e->requestor, e->property,
			e->target, 8, (uint32_t)strlen(t->text), t->text);
		said.property = e->property;
	}
	xcb_send_event(c->connection, 0, e->requestor, 0, (const char *)&said);
}

/* false: another program owns it. */
static int take_events(const struct claim *c)
{
	xcb_generic_event_t *event;
	int ours = 1;

	while ((event = xcb_poll_for_event(c->connection)) != NULL) {
		const void *e = event;
		switch (event->response_type & 0x7f) {
		case XCB_PROPERTY_NOTIFY:
			own(c, ((const xcb_property_notify_event_t *)e)->time);
			break;
		case XCB_SELECTION_REQUEST:
			answer(c, e);
			break;
		case XCB_SELECTION_CLEAR:
			ours = 0;
			break;
		default:
			break;
		}
		free(event);
	}
	xcb_flush(c->connection);
	return ours;
}

/* false: there is no more. */
static int take_line(struct claim *c)
{
	char line[LINE_BYTES], *rest = NULL;

	if (!fgets(line, sizeof(line), stdin))
		return 0;
	line[strcspn(line, "\n")] = '\0';
	c->count = 0;
	for (const char *word = strtok_r(line, "\t", &rest); word;
		word = strtok_r(NULL, "\t", &rest))
		add_target(c, word);
	ask_time(c);
	return 1;
}

int main(int argc, char **argv)
{
	struct claim c;

	if (argc < 4) {
		fprintf(stderr, "usage: xclaim :N clipboard|primary TARGET=TEXT...\n");
		return 2;
	}
	open_claim(&c, argv[1], argv[2]);
	setvbuf(stdin, NULL, _IONBF, 0);
	for (int i = 3; i < argc; i++)
		add_target(&c, argv[i]);
	ask_time(&c);
	xcb_flush(c.connection);
	for (;;) {
		struct pollfd p[2] = { { xcb_get_file_descriptor(c.connection), POLLIN, 0 },
			{ STDIN_FILENO, POLLIN, 0 } };
		if (!take_events(&c)) {
			puts("lost");
			return 0;
		}
		if (poll(p, 2, -1) < 0 || (p[1].revents && !take_line(&c)) ||
			xcb_connection_has_error(c.connection))
			return 0;
		xcb_flush(c.connection);
	}
}
