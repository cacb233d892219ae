#include "client/window/viewer.h"

#include "client/window/icon.h"
#include "client/window/pixels.h"
#include "client/window/termination.h"
#include "client/window/viewer_state.h"
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

void viewer_everything_dirty(struct viewer *v)
{
	struct geometry *g = &v->scene.geometry;

	area_list_clear(&v->dirty_window);
	area_list_add(
		&v->dirty_window, (struct area){ 0, 0, g->window_width_px, g->window_height_px });
}

void viewer_window_changed(struct viewer *v)
{
	struct geometry *g = &v->scene.geometry;

	SDL_GetWindowSizeInPixels(v->window, &g->window_width_px, &g->window_height_px);
	geometry_update(g);
	viewer_everything_dirty(v);
}

void viewer_apply_grab(struct viewer *v)
{
	SDL_SetWindowKeyboardGrab(v->window, v->grab && v->focused ? SDL_TRUE : SDL_FALSE);
}

void viewer_set_fullscreen(struct viewer *v, bool on)
{
	v->fullscreen = on;
	v->grab = on; /* Alt+Tab belongs to the session while it fills the screen */
	if (window_x11_managed(&v->x11)) {
		SDL_SetWindowFullscreen(v->window, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
	} else {
		/* Nobody is there to do it: the window takes the whole display by itself. */
		SDL_Rect bounds = { 0, 0, DEFAULT_WIDTH_PX, DEFAULT_HEIGHT_PX };
		SDL_GetDisplayBounds(MAX(SDL_GetWindowDisplayIndex(v->window), 0), &bounds);
		if (!on) {
			bounds.w = bounds.w * 2 / 3;
			bounds.h = bounds.h * 2 / 3;
		}
		SDL_SetWindowPosition(v->window, bounds.x, bounds.y);
		SDL_SetWindowSize(v->window, bounds.w, bounds.h);
	}
	viewer_apply_grab(v);
	viewer_window_changed(v);
}

void viewer_update_cursor(struct viewer *v)
{
	bool ours = v->menu_open || connection_state(v->connection) != CONNECTION_OPEN ||
		    !v->scene.picture.pixels;

	SDL_SetCursor(ours || !v->cursor ? SDL_GetDefaultCursor() : v->cursor);
}

/* --- what the connection tells --- */

/* From two thirds of its life on the certificate is renewed by itself; a failure is tried again
 * with the next session. */
static void renew_if_due(struct viewer *v)
{
	if (!renewal_due(&v->workstation))
		return;
	int r = renewal_start(&v->renewal, v->connection);
	if (r < 0)
		log_warn("the certificate for %s was not renewed: %s", v->workstation.name,
			strerror(-r));
}

static void on_state(void *user, enum connection_state state)
{
	struct viewer *v = user;

	log_debug("state %d: %s", (int)state, connection_reason(v->connection));
	if (state == CONNECTION_LOST || state == CONNECTION_REFUSED || state == CONNECTION_ENDED ||
		state == CONNECTION_FAILED) {
		if (connection_renewing(v->connection))
			log_info("%s: %s", v->workstation.name, connection_reason(v->connection));
		else if (connection_reason(v->connection)[0])
			fprintf(stderr, "farseat: %s: %s\n", v->workstation.name,
				connection_reason(v->connection));
		input_reset(&v->input); /* the other end releases what was pressed */
		stats_reconnected(&v->stats);
	}
	if (state == CONNECTION_OPEN) {
		v->view_at_ms = clock_now_ms();
		renew_if_due(v);
	}
	viewer_update_cursor(v);
}

/* The window takes the screen's size, as far as the display has room, unless somebody chose another
 * one. */
static void size_to_screen(struct viewer *v, const struct connection_picture *p)
{
	SDL_Rect room;

	if (v->sized || v->fullscreen)
		return;
	v->sized = true;
	if (SDL_GetDisplayUsableBounds(MAX(SDL_GetWindowDisplayIndex(v->window), 0), &room) < 0 ||
		p->resizable)
		return;
	int width = p->width_px, height = p->height_px;
	bool managed = window_x11_managed(&v->x11);
	int frame = managed ? FRAME_PX : 0;
	if (width + frame > room.w || height + frame > room.h) {
		if (managed) {
			SDL_MaximizeWindow(v->window);
			return;
		}
		width = MIN(width, room.w);
		height = MIN(height, room.h);
	}
	SDL_SetWindowSize(v->window, width, height);
	SDL_SetWindowPosition(v->window, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
}

static void on_screen(void *user)
{
	struct viewer *v = user;
	const struct connection_picture *p = connection_picture(v->connection);

	v->scene.picture =
		(struct scaler_picture){ p->pixels, p->stride_bytes, p->width_px, p->height_px };
	v->scene.geometry.screen_width_px = p->width_px;
	v->scene.geometry.screen_height_px = p->height_px;
	area_list_clear(&v->dirty_screen);
	size_to_screen(v, p);
	viewer_window_changed(v);
	viewer_update_cursor(v);
}

static void draw(struct viewer *v)
{
	viewer_update_panels(v);
	if (v->dirty_screen.count == 0 && v->dirty_window.count == 0)
		return;
	int r = present_draw(v->present, &v->scene, &v->dirty_screen, &v->dirty_window);
	area_list_clear(&v->dirty_screen);
	area_list_clear(&v->dirty_window);
	if (r < 0)
		log_error("cannot draw: %s", strerror(-r));
}

static void on_update(void *user, const struct record_update *update)
{
	struct viewer *v = user;
	uint64_t came_us = clock_now_us();

	for (size_t i = 0; i < update->rect_count; i++) {
		const struct record_rect *r = &update->rects[i];
		area_list_add(&v->dirty_screen,
			(struct area){ r->x_px, r->y_px, r->width_px, r->height_px });
	}
	draw(v); /* at once: nothing stands between the pixels and the window */
	uint64_t shown_us = clock_now_us();
	connection_presented(v->connection, update->frame, (uint32_t)(shown_us - came_us));
	stats_shown(&v->stats, update->input_serial, update->exact, shown_us);
}

static void on_cursor(void *user, const struct record_cursor *cursor, const uint8_t *bgra)
{
	struct viewer *v = user;
	uint8_t *straight = calloc(MAX((size_t)cursor->width_px * cursor->height_px, (size_t)1), 4);
	int width = MAX(cursor->width_px, 1), height = MAX(cursor->height_px, 1);

	if (!straight)
		return;
	if (bgra)
		pixels_unpremultiply(straight, bgra, (size_t)cursor->width_px * cursor->height_px);
	/* One transparent pixel is how an invisible cursor looks. */
	SDL_Surface *s = SDL_CreateRGBSurfaceWithFormatFrom(
		straight, width, height, 32, width * 4, SDL_PIXELFORMAT_BGRA32);
	SDL_Cursor *made = s ? SDL_CreateColorCursor(s, MIN(cursor->hot_x_px, width - 1),
				       MIN(cursor->hot_y_px, height - 1))
			     : NULL;
	if (made) {
		SDL_Cursor *old = v->cursor;
		v->cursor = made;
		viewer_update_cursor(v);
		if (old)
			SDL_FreeCursor(old);
	}
	SDL_FreeSurface(s);
	free(straight);
}

static void on_renewed(struct viewer *v, const struct wire_renewed *m)
{
	int r = renewal_take(&v->renewal, &v->workstation, m);

	if (r == 0)
		log_info("the certificate for %s was renewed with a new key", v->workstation.name);
	else
		log_warn("the new certificate for %s could not be taken: %s", v->workstation.name,
			strerror(-r));
}

static void on_wire(void *user, const struct wire_message *m)
{
	struct viewer *v = user;
	char title[2 * WIRE_NAME_MAX_BYTES];

	if (m->type == WIRE_WELCOME || m->type == WIRE_CAPS) {
		uint32_t caps = connection_caps(v->connection);
		bool watch = v->options.view_only || !(caps & WIRE_CAP_INPUT);
		if (watch && !v->input.disabled)
			input_release_all(&v->input);
		v->input.disabled = watch;
		snprintf(title, sizeof(title), "%s - Farseat%s", v->workstation.name,
			watch ? " (view only)" : "");
		SDL_SetWindowTitle(v->window, title);
	} else if (m->type == WIRE_RENEWED) {
		on_renewed(v, &m->renewed);
	}
}

static void on_stats(void *user, const struct record_link_stats *s)
{
	struct viewer *v = user;

	stats_link(&v->stats, s->bytes_in, s->rtt_us, s->decode_us_p50, s->decode_us_p95);
}

static bool send_input(void *user, const struct wire_message *message)
{
	struct viewer *v = user;

	return connection_send(v->connection, message);
}

static uint32_t next_serial(void *user, bool answered)
{
	struct viewer *v = user;
	uint32_t serial = connection_next_serial(v->connection);

	if (answered)
		stats_input(&v->stats, serial, clock_now_us());
	return serial;
}

/* --- the loop --- */

static void send_view(struct viewer *v, uint64_t now)
{
	struct wire_message m = { .type = WIRE_VIEW };
	const struct geometry *g = &v->scene.geometry;

	if (v->view_at_ms == 0 || now < v->view_at_ms)
		return;
	v->view_at_ms = 0;
	m.view.width_px = (uint16_t)MAX(MIN(g->window_width_px, WIRE_SIDE_MAX_PX), 1);
	m.view.height_px = (uint16_t)MAX(MIN(g->window_height_px, WIRE_SIDE_MAX_PX), 1);
	m.view.paused = v->hidden;
	connection_send(v->connection, &m); /* when not open: sent on OPEN */
}

static int sleep_ms(const struct viewer *v, int connection_ms)
{
	uint64_t now = clock_now_ms();
	int ms = viewer_panels_tick(v) ? TICK_MS : IDLE_MS;

	if (connection_ms >= 0)
		ms = MIN(ms, connection_ms);
	if (v->view_at_ms)
		ms = MIN(ms, v->view_at_ms > now ? (int)(v->view_at_ms - now) : 0);
	if (v->pan_at_ms)
		ms = MIN(ms, v->pan_at_ms > now ? (int)(v->pan_at_ms - now) : 0);
	return ms;
}

static void wait_for_something(struct viewer *v)
{
	struct pollfd fds[CONNECTION_FDS_MAX + 1];
	int connection_ms;
	size_t count = connection_poll(v->connection, fds, &connection_ms);
	int ms = sleep_ms(v, connection_ms);

	if (!v->x11.display) {
		waker_wait(v->waker, fds, count, ms);
		return;
	}
	/* Drawing talks to the X server, and what Xlib read meanwhile no poll will tell of. */
	if (window_x11_queued(&v->x11))
		return;
	fds[count++] = (struct pollfd){ .fd = window_x11_fd(&v->x11), .events = POLLIN };
	if (poll(fds, (nfds_t)count, ms) < 0 && errno != EINTR)
		log_error("poll: %s", strerror(errno));
}

static void run(struct viewer *v)
{
	connection_start(v->connection);
	while (!v->quit && !termination_asked()) {
		viewer_handle_events(v); /* input goes out before anything is drawn */
		if (v->quit)
			break;
		connection_process(v->connection);
		uint64_t now = clock_now_ms();
		send_view(v, now);
		viewer_pan_step(v);
		input_flush(&v->input);
		v->stats_due |= stats_tick(&v->stats, now * 1000);
		draw(v);
		wait_for_something(v);
	}
}

/* Of SDL_SYSWMEVENTs only keys are of use. */
static int SDLCALL filter(void *user, SDL_Event *e)
{
	(void)user;
	return e->type != SDL_SYSWMEVENT || window_x11_is_key(e);
}

static int open_window(struct viewer *v)
{
	char title[WORKSTATION_NAME_MAX_BYTES + 16];
	int width = v->options.width_px ? v->options.width_px : DEFAULT_WIDTH_PX;
	int height = v->options.height_px ? v->options.height_px : DEFAULT_HEIGHT_PX;
	int at = (int)SDL_WINDOWPOS_CENTERED;

	snprintf(title, sizeof(title), "%s - Farseat", v->workstation.name);
	v->sized = v->options.width_px != 0;
	if (v->options.fullscreen) {
		SDL_Rect bounds;
		if (SDL_GetDisplayBounds(0, &bounds) == 0) {
			width = bounds.w;
			height = bounds.h;
			at = 0;
		}
	}
	v->window = SDL_CreateWindow(
		title, at, at, width, height, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
	if (!v->window) {
		fprintf(stderr, "farseat: no window: %s\n", SDL_GetError());
		return -EIO;
	}
	icon_set(v->window);
	int r = window_x11_attach(&v->x11, v->window);
	if (r < 0)
		r = waker_create(&v->waker);
	if (r == 0)
		r = present_create(&v->present, v->window, v->options.present);
	if (r < 0)
		return r;
	v->focused = true;
	if (v->options.fullscreen)
		viewer_set_fullscreen(v, true);
	viewer_window_changed(v);
	return 0;
}

static int open_connection(struct viewer *v)
{
	struct connection_options options = { .reconnect = true };
	struct connection_events events = { .state = on_state,
		.screen = on_screen,
		.update = on_update,
		.cursor = on_cursor,
		.wire = on_wire,
		.stats = on_stats };

	options.width_px = (uint16_t)v->scene.geometry.window_width_px;
	options.height_px = (uint16_t)v->scene.geometry.window_height_px;
	return connection_create(&v->connection, &v->workstation, &options, &events, v);
}

/* Drivers that show nothing to anybody: SDL takes one where there is no display, unasked. */
static bool is_invisible(const char *driver)
{
	return !getenv("SDL_VIDEODRIVER") && driver &&
	       (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0);
}

int viewer_start_sdl(void)
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

static void viewer_finish(struct viewer *v)
{
	connection_destroy(v->connection);
	renewal_finish(&v->renewal);
	overlay_finish(&v->overlay);
	present_destroy(v->present);
	canvas_destroy(v->canvas);
	if (v->cursor)
		SDL_FreeCursor(v->cursor);
	waker_destroy(v->waker);
	if (v->window)
		SDL_DestroyWindow(v->window);
	SDL_Quit();
	free(v);
}

int viewer_run(const struct workstation *workstation, const struct viewer_options *options)
{
	struct viewer *v = calloc(1, sizeof(*v));
	int status = 1;

	if (!v)
		return 1;
	v->options = *options;
	v->workstation = *workstation;
	v->scene.geometry.mode = options->scale;
	input_init(&v->input, send_input, next_serial, v);
	v->input.disabled = options->view_only;
	v->input.physical = options->physical_keys;
	if (viewer_start_sdl() < 0 || canvas_create(&v->canvas) < 0)
		goto out;
	SDL_SetEventFilter(filter, NULL);
	SDL_EventState(SDL_SYSWMEVENT, SDL_ENABLE);
	SDL_StartTextInput();
	overlay_init(&v->overlay, v->canvas);
	if (open_window(v) < 0 || open_connection(v) < 0)
		goto out;
	run(v);
	status = connection_exit_status(v->connection);
	if (v->options.stats)
		fprintf(stderr, "farseat: %llu pictures, key to photon p50 %.1f ms, p95 %.1f ms\n",
			(unsigned long long)v->stats.frames,
			samples_percentile(&v->stats.photon_us, 50) / 1e3,
			samples_percentile(&v->stats.photon_us, 95) / 1e3);
out:
	viewer_finish(v);
	return status;
}
