#include "common/clipboard/x11_selection.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/xcbext.h>

/* Of a Farseat that does not say where it has it from. */
#define ORIGIN_UNKNOWN 1

#define BUTTONS_HELD (XCB_BUTTON_MASK_1 | XCB_BUTTON_MASK_2 | XCB_BUTTON_MASK_3)

/* --- what another owner has --- */

static void forget(struct x11_selection *s)
{
	x11_reader_stop(s->reader, s->names_read);
	x11_reader_stop(s->reader, s->origin_read);
	s->names_read = 0;
	s->origin_read = 0;
	s->came_bytes = 0;
	s->offer = (struct x11_offer){ 0 };
	s->origin = 0;
}

static bool ask(struct x11_selection *s, enum x11_atom_id target, size_t bytes, uint32_t *read)
{
	const struct x11_question question = { .selection = s->owned->selection,
		.target = s->x->atoms[target],
		.time = s->since,
		.window_bytes = bytes,
		.widens = 1 };

	s->came_bytes = 0;
	return x11_reader_begin(s->reader, &question, read) == 0;
}

/* With its names it is known whether a secret is there before anything else is asked for. */
static void ask_names(struct x11_selection *s, xcb_timestamp_t since)
{
	s->since = since;
	s->changed = !ask(s, X11_TARGETS, 2 * sizeof(s->came), &s->names_read);
}

bool x11_selection_data(struct x11_selection *s, uint32_t read, const void *bytes, size_t len)
{
	if (read != s->names_read && read != s->origin_read)
		return false;
	size_t taken = MIN(len, sizeof(s->came) - s->came_bytes);
	memcpy(s->came + s->came_bytes, bytes, taken);
	s->came_bytes += taken;
	if (s->came_bytes == sizeof(s->came)) { /* as many names as are looked at */
		x11_reader_stop(s->reader, read);
		x11_selection_ended(s, read, 0);
	}
	return true;
}

static void take_names(struct x11_selection *s)
{
	xcb_atom_t names[X11_TARGETS_MAX];
	size_t count = s->came_bytes / sizeof(names[0]);

	memcpy(names, s->came, count * sizeof(names[0]));
	x11_targets_read(s->x->atoms, names, count, &s->offer);
	if (!s->offer.ours)
		return;
	s->origin = ORIGIN_UNKNOWN;
	s->changed = !ask(s, X11_ORIGIN, sizeof(s->came) / 2, &s->origin_read);
}

static void take_origin(struct x11_selection *s)
{
	uint64_t origin = 0;

	if (s->came_bytes != X11_ORIGIN_BYTES)
		return;
	for (size_t i = 0; i < X11_ORIGIN_BYTES; i++)
		origin = origin << 8 | s->came[i];
	if (origin)
		s->origin = origin;
}

bool x11_selection_ended(struct x11_selection *s, uint32_t read, int status)
{
	if (read != s->names_read && read != s->origin_read)
		return false;
	s->changed = true;
	if (read == s->names_read) {
		s->names_read = 0;
		if (status == 0)
			take_names(s);
	} else {
		s->origin_read = 0;
		if (status == 0)
			take_origin(s);
	}
	return true;
}

/* --- owning --- */

/* Changes nothing, but for the time at which the server says so. */
static void ask_stamp(struct x11_selection *s)
{
	s->claim = X11_CLAIM_STAMP;
	xcb_change_property(s->x->connection, XCB_PROP_MODE_APPEND, s->x->window,
		s->x->atoms[X11_PROPERTY], XCB_ATOM_STRING, 8, 0, NULL);
}

static void ask_buttons(struct x11_selection *s)
{
	s->claim = X11_CLAIM_BUTTONS;
	s->asked = xcb_query_pointer(s->x->connection, s->x->root).sequence;
}

static void set_content(struct x11_selection *s)
{
	s->owned->kinds = s->content.kinds;
	s->owned->secret = s->content.secret;
	s->owned->origin = s->content.origin;
}

void x11_selection_own(struct x11_selection *s, const struct clipboard_content *content)
{
	s->content = *content;
	if (s->owned->owned) {
		set_content(s);
		ask_stamp(s); /* owned anew, so that programs that watch it see that it changed */
	} else if (s->claim == X11_CLAIM_NONE && s->waits_for_buttons) {
		ask_buttons(s);
	} else if (s->claim == X11_CLAIM_NONE) {
		ask_stamp(s);
	}
}

static void stop_claim(struct x11_selection *s)
{
	if (s->claim == X11_CLAIM_BUTTONS && s->asked)
		xcb_discard_reply(s->x->connection, s->asked);
	s->asked = 0;
	s->claim = X11_CLAIM_NONE;
}

void x11_selection_clear(struct x11_selection *s)
{
	stop_claim(s);
	s->content = (struct clipboard_content){ 0 };
	set_content(s);
}

void x11_selection_stamp(struct x11_selection *s, xcb_timestamp_t time)
{
	if (s->claim != X11_CLAIM_STAMP)
		return;
	s->claim = X11_CLAIM_NONE;
	s->owned->since = time;
	set_content(s);
	xcb_set_selection_owner(s->x->connection, s->x->window, s->owned->selection, time);
}

void x11_selection_poll(struct x11_selection *s, uint64_t now_ms)
{
	xcb_generic_error_t *error = NULL;
	void *reply = NULL;

	if (s->claim != X11_CLAIM_BUTTONS || !s->asked ||
		!xcb_poll_for_reply(s->x->connection, s->asked, &reply, &error))
		return;
	const xcb_query_pointer_reply_t *pointer = reply;
	s->asked = 0;
	s->look_ms = now_ms + X11_BUTTONS_MS;
	if (!pointer || !(pointer->mask & BUTTONS_HELD))
		ask_stamp(s);
	free(reply);
	free(error);
}

int x11_selection_tick(struct x11_selection *s, uint64_t now_ms)
{
	if (s->claim != X11_CLAIM_BUTTONS || s->asked)
		return -1;
	if (now_ms < s->look_ms)
		return (int)(s->look_ms - now_ms);
	ask_buttons(s);
	return -1;
}

/* --- owners --- */

void x11_selection_owner(struct x11_selection *s, const xcb_xfixes_selection_notify_event_t *e)
{
	bool ours = e->owner == s->x->window;

	forget(s);
	s->owned->owned = ours;
	if (!ours) /* what was copied meanwhile is newer */
		stop_claim(s);
	if (e->owner == XCB_WINDOW_NONE ||
		e->subtype != XCB_XFIXES_SELECTION_EVENT_SET_SELECTION_OWNER)
		x11_reader_owner_gone(s->reader, s->owned->selection);
	if (ours || e->owner == XCB_WINDOW_NONE)
		s->changed = true;
	else
		ask_names(s, e->timestamp);
}

void x11_selection_init(struct x11_selection *s, struct x11_base *x, struct x11_reader *reader,
	struct x11_owned *owned, bool waits_for_buttons)
{
	*s = (struct x11_selection){
		.x = x, .reader = reader, .owned = owned, .waits_for_buttons = waits_for_buttons
	};
	xcb_xfixes_select_selection_input(x->connection, x->window, owned->selection,
		XCB_XFIXES_SELECTION_EVENT_MASK_SET_SELECTION_OWNER |
			XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_WINDOW_DESTROY |
			XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_CLIENT_CLOSE);
	xcb_get_selection_owner_reply_t *now = xcb_get_selection_owner_reply(
		x->connection, xcb_get_selection_owner(x->connection, owned->selection), NULL);
	if (now && now->owner != XCB_WINDOW_NONE)
		ask_names(s, XCB_CURRENT_TIME);
	free(now);
}
