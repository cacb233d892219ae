/* The pointer in the window: to the session, to our panels, and to the edges. */
#include "client/window/window_state.h"

#include "common/base/clock.h"

#define PAN_EDGE_PX 24 /* the pointer so near the edge of the window pans a larger screen */
#define PAN_STEP_MS 16
/* In full screen, for the bar: in passing to a menu of the session nobody rests so long. */
#define BAR_DWELL_MS 350

/* Whether a panel that takes the pointer is at its place. */
static bool on_panel(const struct window *w)
{
	return overlay_covers(&w->overlay, OVERLAY_CARD, w->mouse_x, w->mouse_y) ||
	       overlay_covers(&w->overlay, OVERLAY_COPIES, w->mouse_x, w->mouse_y) ||
	       overlay_covers(&w->overlay, OVERLAY_STATS, w->mouse_x, w->mouse_y) ||
	       overlay_covers(&w->overlay, OVERLAY_BAR, w->mouse_x, w->mouse_y);
}

static void update_pan(struct window *w, int x, int y)
{
	const struct geometry *g = &w->scene.geometry;
	bool wide = g->target.width > g->window_width_px;
	bool high = g->target.height > g->window_height_px;

	w->pan_dx = !wide             ? 0
		    : x < PAN_EDGE_PX ? x - PAN_EDGE_PX
				      : MAX(x - (g->window_width_px - 1 - PAN_EDGE_PX), 0);
	w->pan_dy = !high             ? 0
		    : y < PAN_EDGE_PX ? y - PAN_EDGE_PX
				      : MAX(y - (g->window_height_px - 1 - PAN_EDGE_PX), 0);
	if (w->pan_dx == 0 && w->pan_dy == 0)
		w->pan_at_ms = 0;
	else if (w->pan_at_ms == 0)
		w->pan_at_ms = clock_now_ms();
}

static void send_position(struct window *w)
{
	int x, y;

	if (!w->scene.picture.pixels || !window_session_open(w))
		return;
	if (w->controls.disabled)
		return;
	if (w->pointer.warped) {
		x = w->pointer.x_px; /* the place that we followed it to, to the pixel */
		y = w->pointer.y_px;
	} else {
		geometry_to_screen(&w->scene.geometry, w->mouse_x, w->mouse_y, &x, &y);
	}
	remote_pointer_lead(&w->pointer, x, y);
	controls_motion(&w->controls, (uint16_t)x, (uint16_t)y);
}

/* Whether our own pointer leads the session's: it is here, and nothing of ours has it. */
static bool leads(const struct window *w)
{
	return w->focused && !w->hidden && !w->menu_open && !w->controls.disabled &&
	       SDL_GetMouseFocus() == w->sdl;
}

void window_follow_pointer(struct window *w, const struct wire_cursor_move *m)
{
	if (!remote_pointer_follow(
		    &w->pointer, &w->scene.geometry, m->x_px, m->y_px, leads(w) && !on_panel(w)))
		return;
	w->controls.moved = false; /* what was to be sent is over */
	w->mouse_x = w->pointer.warp_x;
	w->mouse_y = w->pointer.warp_y;
	SDL_WarpMouseInWindow(w->sdl, w->mouse_x, w->mouse_y);
}

void window_pan_step(struct window *w, uint64_t now_ms)
{
	if (w->pan_at_ms == 0 || now_ms < w->pan_at_ms)
		return;
	w->pan_at_ms = now_ms + PAN_STEP_MS;
	if (geometry_pan(&w->scene.geometry, w->pan_dx, w->pan_dy)) {
		window_everything_dirty(w);
		w->pointer.warped = false;
		send_position(w); /* the same place in the window is another one on the screen */
	} else {
		w->pan_at_ms = 0;
	}
}

/* --- the bar at the top edge --- */

void window_bar_step(struct window *w, uint64_t now_ms)
{
	if (w->bar_at_ms == 0 || now_ms < w->bar_at_ms)
		return;
	w->bar_at_ms = 0;
	w->bar_open = true;
	w->bar_hovered = -1;
}

void window_close_bar(struct window *w)
{
	w->bar_at_ms = 0;
	w->bar_open = false;
}

/* The pointer pushed against the top edge opens it, the pointer well below closes it. */
static void update_bar(struct window *w, int y)
{
	const struct area *bar = &w->overlay.panels[OVERLAY_BAR].place;
	int action;

	if (!w->fullscreen || w->menu_open) {
		window_close_bar(w);
	} else if (w->bar_open) {
		if (overlay_shown(&w->overlay, OVERLAY_BAR) && y > bar->y + bar->height * 3 / 2)
			window_close_bar(w);
		w->bar_hovered =
			overlay_at(&w->overlay, OVERLAY_BAR, w->mouse_x, w->mouse_y, &action);
	} else if (y > 0 || w->controls.buttons) {
		w->bar_at_ms = 0; /* something is dragged there, perhaps */
	} else if (w->bar_at_ms == 0) {
		w->bar_at_ms = clock_now_ms() + BAR_DWELL_MS;
	}
}

/* --- what is done to panels --- */

static void point_at_menu(struct window *w)
{
	int action;
	int line = overlay_at(&w->overlay, OVERLAY_MENU, w->mouse_x, w->mouse_y, &action);

	if (w->pick.open)
		window_pick_point(w, line, false);
	else if (line >= 0 && line < WINDOW_MENU_LINES)
		w->menu_selected = line;
}

static void point_at_card(struct window *w)
{
	int action;
	int button = overlay_at(&w->overlay, OVERLAY_CARD, w->mouse_x, w->mouse_y, &action);

	if (button >= 0)
		w->card.selected = button;
}

static void point_at_copies(struct window *w)
{
	int action;

	w->copy_hovered = overlay_at(&w->overlay, OVERLAY_COPIES, w->mouse_x, w->mouse_y, &action);
}

static void press_menu(struct window *w)
{
	int action;
	int line = overlay_at(&w->overlay, OVERLAY_MENU, w->mouse_x, w->mouse_y, &action);

	if (line < 0)
		window_set_menu(w, false);
	else if (w->pick.open)
		window_pick_point(w, line, true);
	else if (line < WINDOW_MENU_LINES)
		window_do(w, (enum window_action)line);
}

static void press_panel(struct window *w)
{
	int action;

	overlay_at(&w->overlay, OVERLAY_BAR, w->mouse_x, w->mouse_y, &action);
	if (action == OVERLAY_ACTION_NONE)
		overlay_at(&w->overlay, OVERLAY_CARD, w->mouse_x, w->mouse_y, &action);
	else
		window_close_bar(w);
	if (action == OVERLAY_ACTION_NONE)
		overlay_at(&w->overlay, OVERLAY_COPIES, w->mouse_x, w->mouse_y, &action);
	if (action != OVERLAY_ACTION_NONE) {
		window_do(w, (enum window_action)action);
	} else if (overlay_covers(&w->overlay, OVERLAY_STATS, w->mouse_x, w->mouse_y)) {
		overlay_move_stats(&w->overlay);
		w->stats_due = true;
	}
}

/* --- events --- */

void window_handle_motion(struct window *w, const SDL_MouseMotionEvent *e)
{
	bool was_on_panel = on_panel(w);
	bool moved = remote_pointer_moved(&w->pointer, e->x, e->y);

	w->mouse_x = e->x;
	w->mouse_y = e->y;
	update_bar(w, e->y);
	if (w->menu_open) {
		point_at_menu(w);
		return;
	}
	point_at_card(w);
	point_at_copies(w);
	if (on_panel(w) != was_on_panel)
		window_update_cursor(w);
	if (on_panel(w) && !w->controls.buttons)
		return;
	update_pan(w, e->x, e->y);
	if (moved)
		send_position(w);
}

void window_handle_button(struct window *w, const SDL_MouseButtonEvent *e)
{
	/* SDL's numbers to X11's. */
	static const uint8_t numbers[] = { 0, 1, 2, 3, 8, 9 };
	bool down = e->type == SDL_MOUSEBUTTONDOWN;

	remote_pointer_moved(&w->pointer, e->x, e->y);
	w->mouse_x = e->x;
	w->mouse_y = e->y;
	if (down && w->menu_open) {
		press_menu(w);
		return;
	}
	if (down && on_panel(w)) {
		press_panel(w);
		return;
	}
	/* A release goes to the session wherever the pointer is, if the press did. */
	if (w->menu_open || e->button >= ARRAY_LEN(numbers) || numbers[e->button] == 0 ||
		!window_session_open(w))
		return;
	if (down && w->controls.disabled)
		window_hint_view_only(w);
	if (down) {
		window_press_modifiers(w);
		window_compose_at(e->x, e->y);
	}
	send_position(w); /* a click is where the pointer is, whether it moved or not */
	controls_button(&w->controls, numbers[e->button], down);
}

void window_handle_wheel(struct window *w, const SDL_MouseWheelEvent *e)
{
	float sign = e->direction == SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;

	if (w->pick.open)
		window_pick_scroll(w, -(int)(sign * (float)e->y));
	if (w->menu_open || on_panel(w) || !window_session_open(w))
		return;
	send_position(w);
	/* SDL: up and right positive; ours: down and right positive. */
	controls_wheel(&w->controls, sign * e->preciseX, -sign * e->preciseY);
}
