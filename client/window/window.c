#include "client/window/window.h"

#include "client/window/cursor.h"
#include "client/window/icon.h"
#include "client/window/termination.h"
#include "client/window/window_state.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WIDTH_PX  1280
#define DEFAULT_HEIGHT_PX 800
#define FRAME_PX          48  /* about what a window manager puts around a window */
#define TICK_MS           500 /* what counts seconds on the screen */
#define IDLE_MS           1000 /* a signal between looking at events and sleeping is seen after so long */

void window_everything_dirty(struct window *w)
{
	struct geometry *g = &w->scene.geometry;

	area_list_clear(&w->dirty_window);
	area_list_add(
		&w->dirty_window, (struct area){ 0, 0, g->window_width_px, g->window_height_px });
}

void window_changed(struct window *w)
{
	struct geometry *g = &w->scene.geometry;

	SDL_GetWindowSizeInPixels(w->sdl, &g->window_width_px, &g->window_height_px);
	geometry_update(g);
	window_everything_dirty(w);
}

void window_apply_grab(struct window *w)
{
	SDL_SetWindowKeyboardGrab(w->sdl, w->grab && w->focused ? SDL_TRUE : SDL_FALSE);
}

void window_set_fullscreen(struct window *w, bool on)
{
	w->fullscreen = on;
	w->grab = on; /* Alt+Tab belongs to the session while it fills the screen */
	if (window_x11_managed(&w->x11)) {
		SDL_SetWindowFullscreen(w->sdl, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
	} else {
		/* Nobody is there to do it: the window takes the whole display by itself. */
		SDL_Rect bounds = { 0, 0, DEFAULT_WIDTH_PX, DEFAULT_HEIGHT_PX };
		SDL_GetDisplayBounds(MAX(SDL_GetWindowDisplayIndex(w->sdl), 0), &bounds);
		if (!on) {
			bounds.w = bounds.w * 2 / 3;
			bounds.h = bounds.h * 2 / 3;
		}
		SDL_SetWindowPosition(w->sdl, bounds.x, bounds.y);
		SDL_SetWindowSize(w->sdl, bounds.w, bounds.h);
	}
	window_apply_grab(w);
	window_changed(w);
}

void window_update_cursor(struct window *w)
{
	bool ours = w->menu_open || connection_state(w->connection) != CONNECTION_OPEN ||
		    !w->scene.picture.pixels;

	SDL_SetCursor(ours || !w->cursor ? SDL_GetDefaultCursor() : w->cursor);
}

/* --- what the connection tells --- */

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
		stats_reconnected(&w->stats);
	}
	if (state == CONNECTION_OPEN) {
		w->view_at_ms = clock_now_ms();
		renew_if_due(w);
	}
	window_update_cursor(w);
}

/* The window takes the screen's size, as far as the display has room, unless somebody chose another
 * one. */
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
}

static void draw(struct window *w)
{
	window_update_panels(w);
	if (w->dirty_screen.count == 0 && w->dirty_window.count == 0)
		return;
	int r = present_draw(w->present, &w->scene, &w->dirty_screen, &w->dirty_window);
	area_list_clear(&w->dirty_screen);
	area_list_clear(&w->dirty_window);
	if (r < 0)
		log_error("cannot draw: %s", strerror(-r));
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
	draw(w); /* at once: nothing stands between the pixels and the window */
	uint64_t shown_us = clock_now_us();
	connection_presented(w->connection, update->frame, (uint32_t)(shown_us - came_us));
	stats_shown(&w->stats, update->input_serial, update->exact, shown_us);
}

static void on_cursor(void *user, const struct record_cursor *cursor, const uint8_t *bgra)
{
	struct window *w = user;
	SDL_Cursor *old = w->cursor;

	if (cursor_create(&w->cursor, cursor, bgra) < 0)
		return; /* the one before is better than none */
	window_update_cursor(w);
	if (old)
		SDL_FreeCursor(old);
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
		snprintf(title, sizeof(title), "%s - Farseat%s", w->workstation.name,
			watch ? " (view only)" : "");
		SDL_SetWindowTitle(w->sdl, title);
	} else if (m->type == WIRE_RENEWED) {
		on_renewed(w, &m->renewed);
	}
}

static void on_stats(void *user, const struct record_link_stats *s)
{
	struct window *w = user;

	stats_link(&w->stats, s->bytes_in, s->rtt_us, s->decode_us_p50, s->decode_us_p95);
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

/* --- the loop --- */

static void send_view(struct window *w, uint64_t now)
{
	struct wire_message m = { .type = WIRE_VIEW };
	const struct geometry *g = &w->scene.geometry;

	if (w->view_at_ms == 0 || now < w->view_at_ms)
		return;
	w->view_at_ms = 0;
	m.view.width_px = (uint16_t)MAX(MIN(g->window_width_px, WIRE_SIDE_MAX_PX), 1);
	m.view.height_px = (uint16_t)MAX(MIN(g->window_height_px, WIRE_SIDE_MAX_PX), 1);
	m.view.paused = w->hidden;
	connection_send(w->connection, &m); /* when not open: sent on OPEN */
}

static int sleep_ms(const struct window *w, int connection_ms)
{
	uint64_t now = clock_now_ms();
	int ms = window_panels_tick(w) ? TICK_MS : IDLE_MS;

	if (connection_ms >= 0)
		ms = MIN(ms, connection_ms);
	if (w->view_at_ms)
		ms = MIN(ms, w->view_at_ms > now ? (int)(w->view_at_ms - now) : 0);
	if (w->pan_at_ms)
		ms = MIN(ms, w->pan_at_ms > now ? (int)(w->pan_at_ms - now) : 0);
	return ms;
}

static void wait_for_something(struct window *w)
{
	struct pollfd fds[CONNECTION_FDS_MAX + 1];
	int connection_ms;
	size_t count = connection_poll(w->connection, fds, &connection_ms);
	int ms = sleep_ms(w, connection_ms);

	if (!w->x11.display) {
		waker_wait(w->waker, fds, count, ms);
		return;
	}
	/* Drawing talks to the X server, and what Xlib read meanwhile no poll will tell of. */
	if (window_x11_queued(&w->x11))
		return;
	fds[count++] = (struct pollfd){ .fd = window_x11_fd(&w->x11), .events = POLLIN };
	if (poll(fds, (nfds_t)count, ms) < 0 && errno != EINTR)
		log_error("poll: %s", strerror(errno));
}

static void run(struct window *w)
{
	connection_start(w->connection);
	while (!w->quit && !termination_asked()) {
		window_handle_events(w); /* input goes out before anything is drawn */
		if (w->quit)
			break;
		connection_process(w->connection);
		uint64_t now = clock_now_ms();
		send_view(w, now);
		window_pan_step(w);
		controls_flush(&w->controls);
		w->stats_due |= stats_tick(&w->stats, now * 1000);
		draw(w);
		wait_for_something(w);
	}
}

/* Of SDL_SYSWMEVENTs only keys are of use. */
static int SDLCALL filter(void *user, SDL_Event *e)
{
	(void)user;
	return e->type != SDL_SYSWMEVENT || window_x11_is_key(e);
}

static int open_window(struct window *w)
{
	char title[WORKSTATION_NAME_MAX_BYTES + 16];
	int width = w->options.width_px ? w->options.width_px : DEFAULT_WIDTH_PX;
	int height = w->options.height_px ? w->options.height_px : DEFAULT_HEIGHT_PX;
	int at = (int)SDL_WINDOWPOS_CENTERED;

	snprintf(title, sizeof(title), "%s - Farseat", w->workstation.name);
	w->sized = w->options.width_px != 0;
	if (w->options.fullscreen) {
		SDL_Rect bounds;
		if (SDL_GetDisplayBounds(0, &bounds) == 0) {
			width = bounds.w;
			height = bounds.h;
			at = 0;
		}
	}
	w->sdl = SDL_CreateWindow(
		title, at, at, width, height, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
	if (!w->sdl) {
		fprintf(stderr, "farseat: no window: %s\n", SDL_GetError());
		return -EIO;
	}
	icon_set(w->sdl);
	int r = window_x11_attach(&w->x11, w->sdl);
	if (r < 0)
		r = waker_create(&w->waker);
	if (r == 0)
		r = present_create(&w->present, w->sdl, w->options.present);
	if (r < 0)
		return r;
	w->focused = true;
	if (w->options.fullscreen)
		window_set_fullscreen(w, true);
	window_changed(w);
	return 0;
}

static int open_connection(struct window *w)
{
	struct connection_options options = { .reconnect = true };
	struct connection_events events = { .state = on_state,
		.screen = on_screen,
		.update = on_update,
		.cursor = on_cursor,
		.wire = on_wire,
		.stats = on_stats };

	options.width_px = (uint16_t)w->scene.geometry.window_width_px;
	options.height_px = (uint16_t)w->scene.geometry.window_height_px;
	return connection_create(&w->connection, &w->workstation, &options, &events, w);
}

/* Drivers that show nothing to anybody: SDL takes one where there is no display, unasked. */
static bool is_invisible(const char *driver)
{
	return !getenv("SDL_VIDEODRIVER") && driver &&
	       (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0);
}

int window_start_sdl(void)
{
	termination_install();
	/* 12-16 ms a picture without it: the surface would go through software GL (codec.md, trap
	 * 9). */
	SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
	SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
	SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
	SDL_SetHint(SDL_HINT_MOUSE_AUTO_CAPTURE, "1");
	SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
	SDL_SetHint(SDL_HINT_APP_NAME, "Farseat");
	bool failed = SDL_Init(SDL_INIT_VIDEO) < 0;
	if (failed || is_invisible(SDL_GetCurrentVideoDriver())) {
		fprintf(stderr,
			"farseat: no display%s%s. Set DISPLAY or WAYLAND_DISPLAY, or use a command without a window "
			"('farseat --help').\n",
			failed ? ": " : "", failed ? SDL_GetError() : "");
		return -EIO;
	}
	return 0;
}

static void window_finish(struct window *w)
{
	connection_destroy(w->connection);
	renewal_finish(&w->renewal);
	overlay_finish(&w->overlay);
	present_destroy(w->present);
	canvas_destroy(w->canvas);
	if (w->cursor)
		SDL_FreeCursor(w->cursor);
	waker_destroy(w->waker);
	if (w->sdl)
		SDL_DestroyWindow(w->sdl);
	SDL_Quit();
	free(w);
}

int window_run(const struct workstation *workstation, const struct window_options *options)
{
	struct window *w = calloc(1, sizeof(*w));
	int status = 1;

	if (!w)
		return 1;
	w->options = *options;
	w->workstation = *workstation;
	w->scene.geometry.mode = options->scale;
	controls_init(&w->controls, send_input, next_serial, w);
	w->controls.disabled = options->view_only;
	w->controls.physical = options->physical_keys;
	if (window_start_sdl() < 0 || canvas_create(&w->canvas) < 0)
		goto out;
	SDL_SetEventFilter(filter, NULL);
	SDL_EventState(SDL_SYSWMEVENT, SDL_ENABLE);
	SDL_StartTextInput();
	overlay_init(&w->overlay, w->canvas);
	if (open_window(w) < 0 || open_connection(w) < 0)
		goto out;
	run(w);
	status = connection_exit_status(w->connection);
	if (w->options.stats)
		fprintf(stderr, "farseat: %llu pictures, key to photon p50 %.1f ms, p95 %.1f ms\n",
			(unsigned long long)w->stats.frames,
			samples_percentile(&w->stats.photon_us, 50) / 1e3,
			samples_percentile(&w->stats.photon_us, 95) / 1e3);
out:
	window_finish(w);
	return status;
}
