#include "server/agent/x11/windows.h"

#include "server/agent/region.h"

void x11_windows_init(struct x11_windows *w, struct x11 *x, struct display *display)
{
	const uint32_t wanted =
		XCB_EVENT_MASK_STRUCTURE_NOTIFY | XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY;

	*w = (struct x11_windows){ .x = x, .display = display };
	xcb_change_window_attributes(x->connection, x->root, XCB_CW_EVENT_MASK, &wanted);
}

static struct x11_window *find(struct x11_windows *w, xcb_window_t id)
{
	for (size_t i = 0; i < ARRAY_LEN(w->list); i++)
		if (w->list[i].id == id)
			return &w->list[i];
	return NULL;
}

static struct x11_window *find_or_add(struct x11_windows *w, xcb_window_t id)
{
	struct x11_window *window = find(w, id);

	if (!window)
		window = find(w, 0);
	if (!window) {
		window = &w->list[w->next];
		w->next = (w->next + 1) % ARRAY_LEN(w->list);
	}
	if (window->id != id)
		*window = (struct x11_window){ .id = id };
	return window;
}

/* Its place may look different now; so may others, when nothing is known of it. */
static void damage(struct x11_windows *w, const struct x11_window *window)
{
	const struct display_listener *to = w->display->listener;

	to->stirred(to->user);
	if (!window)
		return;
	struct record_rect r = region_clip(window->x_px, window->y_px, window->width_px,
		window->height_px, w->display->width_px, w->display->height_px);
	if (r.width_px)
		to->damaged(to->user, r);
}

static void place(struct x11_windows *w, xcb_window_t id, const int16_t at[static 2],
	const uint16_t size[static 2], uint16_t border)
{
	struct x11_window *window = find_or_add(w, id);

	damage(w, window);
	window->x_px = at[0];
	window->y_px = at[1];
	window->width_px = size[0] + 2 * border;
	window->height_px = size[1] + 2 * border;
	damage(w, window);
}

static void forget(struct x11_windows *w, xcb_window_t id)
{
	struct x11_window *window = find(w, id);

	damage(w, window);
	if (window)
		window->id = 0;
}

bool x11_windows_event(struct x11_windows *w, const xcb_generic_event_t *event)
{
	const void *e = event;

	switch (x11_event_kind(event)) {
	case XCB_CREATE_NOTIFY: {
		const xcb_create_notify_event_t *c = e;
		const int16_t at[] = { c->x, c->y };
		const uint16_t size[] = { c->width, c->height };
		place(w, c->window, at, size, c->border_width);
		return true;
	}
	case XCB_CONFIGURE_NOTIFY: {
		const xcb_configure_notify_event_t *c = e;
		const int16_t at[] = { c->x, c->y };
		const uint16_t size[] = { c->width, c->height };
		if (c->window == w->x->root)
			return false;
		place(w, c->window, at, size, c->border_width);
		return true;
	}
	case XCB_MAP_NOTIFY:
		damage(w, find(w, ((const xcb_map_notify_event_t *)e)->window));
		return true;
	case XCB_UNMAP_NOTIFY:
		damage(w, find(w, ((const xcb_unmap_notify_event_t *)e)->window));
		return true;
	case XCB_CIRCULATE_NOTIFY:
		damage(w, find(w, ((const xcb_circulate_notify_event_t *)e)->window));
		return true;
	case XCB_GRAVITY_NOTIFY: /* never of the root's children: it does not resize them */
		damage(w, NULL);
		return true;
	case XCB_REPARENT_NOTIFY:
		forget(w, ((const xcb_reparent_notify_event_t *)e)->window);
		return true;
	case XCB_DESTROY_NOTIFY:
		forget(w, ((const xcb_destroy_notify_event_t *)e)->window);
		return true;
	default:
		return false;
	}
}
