#include "client/window/window.h"

#include "client/window/icon.h"
#include "client/window/scale.h"
#include "client/window/termination.h"
#include "client/window/video.h"
#include "client/window/window_state.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WIDTH_PX  1280
#define DEFAULT_HEIGHT_PX 800
#define TICK_MS           500 /* what counts seconds on the screen */
/* A signal that comes between looking at events and sleeping is seen after so long. */
#define IDLE_MS 1000
/* Until text is looked for that was chosen by the mouse from the input method's list. */
#define COMPOSING_MS 50

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
	canvas_set_scale(w->canvas, scale_of(w->sdl));
	overlay_resize(&w->overlay, g->window_width_px, g->window_height_px);
	window_everything_dirty(w);
	w->pointer.warped = false; /* our pointer is over another pixel of the screen now */
	if (w->connection)
		window_update_cursor(w);
}

void window_apply_grab(struct window *w)
{
	/* Without a session there is nobody to give them to, and Alt+Tab must lead away from here. */
	bool grab = w->grab && w->focused && window_session_open(w);

	SDL_SetWindowKeyboardGrab(w->sdl, grab ? SDL_TRUE : SDL_FALSE);
}

void window_set_fullscreen(struct window *w, bool on)
{
	w->fullscreen = on;
	w->grab = on; /* Alt+Tab belongs to the session while it fills the screen */
	if (window_x11_managed(&w->x11)) {
		SDL_SetWindowFullscreen(w->sdl, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
	} else {
		/* Without a window manager the window takes the whole display by itself. */
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
		    !w->scene.picture.pixels ||
		    overlay_covers(&w->overlay, OVERLAY_BAR, w->mouse_x, w->mouse_y);

	remote_pointer_scale(&w->pointer, &w->scene.geometry);
	/* Who only watches has a pointer of their own, which the session's does not follow. */
	ours = ours || w->controls.disabled || !w->pointer.cursor;
	SDL_SetCursor(ours ? SDL_GetDefaultCursor() : w->pointer.cursor);
}

void window_draw(struct window *w)
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

	if (w->composing) /* SDL's D-Bus wakes nobody */
		ms = MIN(ms, COMPOSING_MS);
	if (connection_ms >= 0)
		ms = MIN(ms, connection_ms);
	if (w->clipboard.due_ms >= 0)
		ms = MIN(ms, w->clipboard.due_ms);
	const uint64_t due_ms[] = { w->view_at_ms, w->pan_at_ms, w->bar_at_ms, w->hint_until_ms,
		card_due_ms(&w->card, now), w->sound.close_ms };
	for (size_t i = 0; i < ARRAY_LEN(due_ms); i++)
		if (due_ms[i])
			ms = MIN(ms, due_ms[i] > now ? (int)(due_ms[i] - now) : 0);
	return ms;
}

static void wait_for_something(struct window *w)
{
	struct fd_poll fds[CONNECTION_FDS_MAX + WINDOW_COPIES_MAX + WINDOW_PASTES_MAX +
			   CLIPBOARD_LOCAL_FDS_MAX + 2];
	int connection_ms;
	const uint64_t hint_until_ms = w->hint_until_ms;

	window_pastes_step(w);
	window_clipboard_step(w);
	if (w->hint_until_ms != hint_until_ms)
		return; /* there is something new to draw */
	size_t count = connection_poll(w->connection, fds, &connection_ms);
	count += window_copies_fds(w, fds + count);
	count += window_pick_fds(w, fds + count);
	count += window_pastes_fds(w, fds + count);
	count += window_clipboard_fds(w, fds + count);
	int ms = sleep_ms(w, connection_ms);

	if (!w->x11.display) {
		waker_wait(w->waker, fds, count, ms);
		return;
	}
	/* Drawing talks to the X server: what Xlib has read meanwhile, poll does not tell of. */
	if (window_x11_queued(&w->x11))
		return;
	fds[count++] = (struct fd_poll){ .fd = window_x11_fd(&w->x11), .want = FD_READ };
	int r = fd_wait(fds, count, ms);
	if (r < 0 && r != -EINTR)
		log_error("waiting: %s", strerror(-r));
}

static void run(struct window *w)
{
	connection_start(w->connection);
	while (!w->quit && !termination_asked()) {
		window_handle_events(w); /* input goes out before anything is drawn */
		if (w->quit)
			break;
		connection_process(w->connection);
		window_copies_step(w);
		window_pick_step(w);
		uint64_t now = clock_now_ms();
		send_view(w, now);
		window_pan_step(w, now);
		window_bar_step(w, now);
		window_sound_step(w, now);
		controls_flush(&w->controls);
		w->stats_due |= stats_tick(&w->stats, now * 1000);
		window_draw(w);
		wait_for_something(w);
	}
}

/* Of SDL_SYSWMEVENTs only keys are of use. */
static int SDLCALL filter(void *user, SDL_Event *e)
{
	(void)user;
	return e->type != SDL_SYSWMEVENT || window_x11_is_wanted(e);
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

static void window_finish(struct window *w)
{
	window_pick_close(w);
	window_copies_close(w);
	window_files_close(w);
	window_pastes_close(w);
	window_clipboard_close(w);
	window_sound_close(w);
	connection_destroy(w->connection);
	renewal_finish(&w->renewal);
	overlay_finish(&w->overlay);
	present_destroy(w->present);
	canvas_destroy(w->canvas);
	remote_pointer_finish(&w->pointer);
	waker_destroy(w->waker);
	if (w->sdl)
		SDL_DestroyWindow(w->sdl);
	SDL_Quit();
	free(w);
}

void window_options_from(struct window_options *options, const struct workstation *workstation)
{
	int scale = scale_mode_parse(workstation->scale);

	options->scale = scale < 0 ? SCALE_AUTO : (enum scale_mode)scale;
	options->physical_keys = workstation->physical_keys;
	options->clipboard = workstation->clipboard;
	options->sound = !workstation->no_sound;
	options->fullscreen |= workstation->fullscreen;
}

int window_run(const struct workstation *workstation, const struct window_options *options)
{
	struct window *w = calloc(1, sizeof(*w));
	int status = 1;

	if (!w)
		return 1;
	w->sound.ring.fd = -1;
	w->options = *options;
	w->workstation = *workstation;
	w->scene.geometry.mode = options->scale;
	w->copy_hovered = -1;
	w->first = workstation_last_seen(workstation->name) == 0;
	if (video_start() < 0 || canvas_create(&w->canvas, 1) < 0)
		goto out;
	SDL_SetEventFilter(filter, NULL);
	SDL_EventState(SDL_SYSWMEVENT, SDL_ENABLE);
	overlay_init(&w->overlay, w->canvas);
	window_sound_open(w);
	if (open_window(w) < 0)
		goto out;
	window_start_composing(w);
	window_pastes_open(w);
	window_clipboard_open(w); /* before the session, which says whether there is one */
	if (window_open_session(w) < 0)
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
