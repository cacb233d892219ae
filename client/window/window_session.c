/* What the connection tells the window: its state, pictures, the cursor, messages. */
#include "client/window/window_state.h"

#include "client/window/scale.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdio.h>
#include <string.h>

#define FRAME_PX 48 /* about what a window manager puts around a window */

bool window_session_open(const struct window *w)
{
	/* Where the session that is seen has ended, what is typed is for the card. */
	return w->connection && connection_is_up(w->connection) &&
	       connection_lost_by(w->connection) == 0;
}

/* From two thirds of its life on the certificate is renewed by itself; a failure is tried again
 * with the next session. */
static void renew_if_due(struct window *w)
{
	if (!renewal_due(&w->workstation))
		return;
	int r = renewal_start(&w->renewal, w->connection);
	if (r < 0)
		log_warn("the certificate for %s was not renewed: %s", w->workstation.name,
			strerror(-r));
}

static void on_state(void *user, enum connection_state state)
{
	struct window *w = user;

	log_debug("state %d: %s", (int)state, connection_reason(w->connection));
	if (state == CONNECTION_LOST || state == CONNECTION_REFUSED || state == CONNECTION_ENDED ||
		state == CONNECTION_FAILED) {
		if (connection_renewing(w->connection))
			log_info("%s: %s", w->workstation.name, connection_reason(w->connection));
		else if (connection_reason(w->connection)[0])
			fprintf(stderr, "farseat: %s: %s\n", w->workstation.name,
				connection_reason(w->connection));
		controls_reset(&w->controls); /* the other end releases what was pressed */
		remote_pointer_reset(&w->pointer);
		stats_reconnected(&w->stats);
		w->leds_known = false;
	}
	if (state == CONNECTION_OPEN) {
		w->locks_due |= !w->leds_known;
		w->view_at_ms = clock_now_ms();
		renew_if_due(w);
	}
	window_apply_grab(w);
	window_clipboard_update(w);
	window_sound_update(w);
	window_update_cursor(w);
}

/* The window takes the screen's size, as far as the display has room, unless somebody chose one. */
static void size_to_screen(struct window *w, const struct connection_picture *p)
{
	SDL_Rect room;

	if (w->sized || w->fullscreen)
		return;
	w->sized = true;
	if (SDL_GetDisplayUsableBounds(MAX(SDL_GetWindowDisplayIndex(w->sdl), 0), &room) < 0 ||
		p->resizable)
		return;
	int width = p->width_px, height = p->height_px;
	bool managed = window_x11_managed(&w->x11);
	int frame = managed ? FRAME_PX : 0;
	if (width + frame > room.w || height + frame > room.h) {
		if (managed) {
			SDL_MaximizeWindow(w->sdl);
			return;
		}
		width = MIN(width, room.w);
		height = MIN(height, room.h);
	}
	SDL_SetWindowSize(w->sdl, width, height);
	SDL_SetWindowPosition(w->sdl, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
}

static void on_screen(void *user)
{
	struct window *w = user;
	const struct connection_picture *p = connection_picture(w->connection);

	w->scene.picture =
		(struct scaler_picture){ p->pixels, p->stride_bytes, p->width_px, p->height_px };
	w->scene.geometry.screen_width_px = p->width_px;
	w->scene.geometry.screen_height_px = p->height_px;
	area_list_clear(&w->dirty_screen);
	size_to_screen(w, p);
	window_changed(w);
	window_update_cursor(w);
	if (w->greeted)
		return;
	w->greeted = true;
	if (w->controls.disabled)
		window_hint_view_only(w);
	else if (w->first)
		window_hint(w, "Ctrl+Alt+M opens the menu, Ctrl+Alt+Enter switches full screen.");
}

static void on_update(void *user, const struct record_update *update)
{
	struct window *w = user;
	uint64_t came_us = clock_now_us();

	for (size_t i = 0; i < update->rect_count; i++) {
		const struct record_rect *r = &update->rects[i];
		area_list_add(&w->dirty_screen,
			(struct area){ r->x_px, r->y_px, r->width_px, r->height_px });
	}
	window_draw(w); /* at once: nothing stands between the pixels and the window */
	uint64_t shown_us = clock_now_us();
	connection_presented(w->connection, update->frame, (uint32_t)(shown_us - came_us));
	stats_shown(&w->stats, update->input_serial, update->exact, shown_us);
}

static void on_cursor(void *user, const struct record_cursor *cursor, const uint8_t *bgra)
{
	struct window *w = user;

	if (remote_pointer_set_shape(&w->pointer, cursor, bgra) == 0)
		window_update_cursor(w);
}

static void on_renewed(struct window *w, const struct wire_renewed *m)
{
	int r = renewal_take(&w->renewal, &w->workstation, m);

	if (r == 0)
		log_info("the certificate for %s was renewed with a new key", w->workstation.name);
	else
		log_warn("the new certificate for %s could not be taken: %s", w->workstation.name,
			strerror(-r));
}

static void on_wire(void *user, const struct wire_message *m)
{
	struct window *w = user;
	char title[2 * WIRE_NAME_MAX_BYTES];

	if (m->type == WIRE_WELCOME || m->type == WIRE_CAPS) {
		uint32_t caps = connection_caps(w->connection);
		bool watch = w->options.view_only || !(caps & WIRE_CAP_INPUT);
		if (watch && !w->controls.disabled)
			controls_release_all(&w->controls);
		w->controls.disabled = watch;
		if (watch && m->type == WIRE_CAPS)
			window_hint_view_only(w);
		snprintf(title, sizeof(title), "%s - Farseat%s", w->workstation.name,
			watch ? " (view only)" : "");
		SDL_SetWindowTitle(w->sdl, title);
		window_clipboard_update(w);
		window_sound_update(w);
		window_update_cursor(w);
	} else if (m->type == WIRE_CURSOR_MOVE) {
		window_follow_pointer(w, &m->cursor_move);
	} else if (m->type == WIRE_LEDS) {
		w->leds = m->leds.leds;
		w->leds_known = true;
		window_align_locks(w);
	} else if (m->type == WIRE_RENEWED) {
		on_renewed(w, &m->renewed);
	}
}

static void on_stats(void *user, const struct record_link_stats *s)
{
	struct window *w = user;

	stats_link(&w->stats, s);
}

static bool send_input(void *user, const struct wire_message *message)
{
	struct window *w = user;

	return connection_send(w->connection, message);
}

static uint32_t next_serial(void *user, bool answered)
{
	struct window *w = user;
	uint32_t serial = connection_next_serial(w->connection);

	if (answered)
		stats_input(&w->stats, serial, clock_now_us());
	return serial;
}

int window_open_session(struct window *w)
{
	struct connection_options options = { .reconnect = true };
	struct connection_events events = { .state = on_state,
		.screen = on_screen,
		.update = on_update,
		.cursor = on_cursor,
		.wire = on_wire,
		.clipboard = window_clipboard_message,
		.clipboard_unsent = window_clipboard_unsent,
		.sound = window_sound_message,
		.stats = on_stats };

	controls_init(&w->controls, send_input, next_serial, w);
	w->controls.disabled = w->options.view_only;
	w->controls.physical = w->options.physical_keys;
	options.dpi = scale_dpi(w->sdl);
	options.width_px = (uint16_t)w->scene.geometry.window_width_px;
	options.height_px = (uint16_t)w->scene.geometry.window_height_px;
	options.clipboard = w->clipboard.exchange != NULL;
	return connection_create(&w->connection, &w->workstation, &options, &events, w);
}
