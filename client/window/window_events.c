/* What the person does in the window: to the session, to the menu, or to the window itself. */
#include "client/window/window_state.h"

#include "client/window/keys.h"
#include "common/base/clock.h"
#include "common/base/utf8.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#define VIEW_DEBOUNCE_MS                                                                           \
	150            /* a window that is being dragged larger asks for one new size, not fifty */
#define PAN_EDGE_PX 24 /* the pointer so near the edge of the window pans a larger screen */
#define PAN_STEP_MS 16

static bool session_open(const struct window *w)
{
	enum connection_state s = connection_state(w->connection);

	return s == CONNECTION_OPEN || s == CONNECTION_SILENT;
}

/* For good: nothing goes on by itself, the card offers to try again. */
static bool session_over(const struct window *w)
{
	enum connection_state s = connection_state(w->connection);

	return s == CONNECTION_REFUSED || s == CONNECTION_ENDED || s == CONNECTION_FAILED;
}

static void set_menu(struct window *w, bool open)
{
	if (open && !w->menu_open)
		controls_release_all(&w->controls);
	w->menu_open = open;
	w->menu_selected = 0;
	window_update_cursor(w);
}

static void send_ctrl_alt_del(struct window *w)
{
	static const struct {
		uint16_t evdev;
		uint32_t keysym;
	} chord[] = { { KEY_LEFTCTRL, XKB_KEY_Control_L }, { KEY_LEFTALT, XKB_KEY_Alt_L },
		{ KEY_DELETE, XKB_KEY_Delete } };

	for (size_t i = 0; i < ARRAY_LEN(chord); i++)
		controls_key(&w->controls, chord[i].evdev, chord[i].keysym, true);
	for (size_t i = ARRAY_LEN(chord); i-- > 0;)
		controls_key(&w->controls, chord[i].evdev, chord[i].keysym, false);
}

static void set_grab(struct window *w, bool on)
{
	w->grab = on;
	window_apply_grab(w);
}

static void choose(struct window *w, int entry)
{
	switch (entry) {
	case MENU_FULLSCREEN:
		set_menu(w, false);
		window_set_fullscreen(w, !w->fullscreen);
		break;
	case MENU_SCALE:
		w->scene.geometry.mode =
			(enum scale_mode)((w->scene.geometry.mode + 1) % (SCALE_ONE + 1));
		window_changed(w);
		break;
	case MENU_GRAB:
		set_menu(w, false);
		set_grab(w, !w->grab);
		break;
	case MENU_CTRL_ALT_DEL:
		set_menu(w, false);
		send_ctrl_alt_del(w);
		break;
	case MENU_STATS:
		w->options.stats = !w->options.stats;
		break;
	case MENU_DISCONNECT:
		w->quit = true;
		break;
	default:
		break;
	}
}

static void menu_key(struct window *w, SDL_Keycode key)
{
	switch (key) {
	case SDLK_UP:
		w->menu_selected = (w->menu_selected + MENU_ENTRIES - 1) % MENU_ENTRIES;
		break;
	case SDLK_DOWN:
	case SDLK_TAB:
		w->menu_selected = (w->menu_selected + 1) % MENU_ENTRIES;
		break;
	case SDLK_RETURN:
	case SDLK_KP_ENTER:
	case SDLK_SPACE:
		choose(w, w->menu_selected);
		break;
	case SDLK_ESCAPE:
	case SDLK_F8:
		set_menu(w, false);
		break;
	default:
		break;
	}
}

/* Our own shortcuts; they work whatever the session does with the keyboard. True: taken. */
static bool shortcut(struct window *w, const SDL_Keysym *key)
{
	bool ctrl_alt = (key->mod & KMOD_CTRL) && (key->mod & KMOD_ALT) && !(key->mod & KMOD_SHIFT);

	if (!ctrl_alt || (key->sym != SDLK_RETURN && key->sym != SDLK_m && key->sym != SDLK_g))
		return false;
	/* The session has seen Ctrl and Alt go down. */
	controls_release_all(&w->controls);
	if (key->sym == SDLK_RETURN)
		window_set_fullscreen(w, !w->fullscreen);
	else if (key->sym == SDLK_m)
		set_menu(w, !w->menu_open);
	else
		set_grab(w, !w->grab);
	return true;
}

/* A press that our window uses itself; SDL's view of the key is enough for that. */
static bool own_key(struct window *w, const SDL_Keysym *key)
{
	if (shortcut(w, key))
		return true;
	if (w->menu_open) {
		menu_key(w, key->sym);
		return true;
	}
	if (session_over(w)) {
		if (key->sym == SDLK_RETURN || key->sym == SDLK_KP_ENTER)
			connection_start(w->connection);
		else if (key->sym == SDLK_ESCAPE)
			w->quit = true;
		return true;
	}
	return !session_open(w);
}

/* Where the window system does not give the raw key: the keysym of the character that SDL made of
 * it, if that event is there already. */
static uint32_t keysym_by_sdl(const SDL_Keysym *key, bool *text_taken)
{
	SDL_Event next;

	*text_taken = false;
	if (SDL_PeepEvents(&next, 1, SDL_PEEKEVENT, SDL_TEXTINPUT, SDL_TEXTINPUT) == 1) {
		const char *at = next.text.text;
		uint32_t c = utf8_next(&at);
		if (c && *at == '\0') {
			*text_taken = true;
			return xkb_utf32_to_keysym(c);
		}
	}
	if (key->sym > 0 && key->sym < 0x110000 && !(key->sym & SDLK_SCANCODE_MASK) &&
		key->sym >= ' ' && key->sym != SDLK_DELETE)
		return xkb_utf32_to_keysym((uint32_t)key->sym);
	return 0; /* the physical key says all: modifiers, function keys, arrows */
}

static void handle_sdl_key(struct window *w, const SDL_KeyboardEvent *e)
{
	bool down = e->type == SDL_KEYDOWN;
	bool text = false;

	if (w->x11.display)
		return; /* came as SDL_SYSWMEVENT, with more in it */
	if (down && own_key(w, &e->keysym))
		return;
	uint16_t evdev = keys_evdev(e->keysym.scancode);
	uint32_t keysym = down ? keysym_by_sdl(&e->keysym, &text) : 0;
	controls_key(&w->controls, evdev, keysym, down);
	if (down)
		w->text_follows = !text;
}

static void handle_x11_key(struct window *w, const SDL_Event *e)
{
	struct window_x11_key key;

	if (!window_x11_key(&w->x11, e, &key))
		return;
	if (!key.down) {
		controls_key(&w->controls, key.evdev, key.keysym, false);
		return;
	}
	w->text_follows = key.evdev == 0;
	SDL_Keysym sdl = { .sym = SDLK_UNKNOWN, .mod = (Uint16)SDL_GetModState() };
	if (key.keysym < 0x80)
		sdl.sym = (SDL_Keycode)(key.keysym >= 'A' && key.keysym <= 'Z' ? key.keysym + 32
									       : key.keysym);
	static const struct {
		uint32_t keysym;
		SDL_Keycode sdl;
	} named[] = { { XKB_KEY_Return, SDLK_RETURN }, { XKB_KEY_KP_Enter, SDLK_KP_ENTER },
		{ XKB_KEY_Escape, SDLK_ESCAPE }, { XKB_KEY_Up, SDLK_UP },
		{ XKB_KEY_Down, SDLK_DOWN }, { XKB_KEY_Tab, SDLK_TAB }, { XKB_KEY_F8, SDLK_F8 } };
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (key.keysym == named[i].keysym)
			sdl.sym = named[i].sdl;
	if (!own_key(w, &sdl))
		controls_key(&w->controls, key.evdev, key.keysym, true);
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

	if (!w->scene.picture.pixels || !session_open(w))
		return;
	geometry_to_screen(&w->scene.geometry, w->mouse_x, w->mouse_y, &x, &y);
	controls_motion(&w->controls, (uint16_t)x, (uint16_t)y);
}

void window_pan_step(struct window *w)
{
	uint64_t now = clock_now_ms();

	if (w->pan_at_ms == 0 || now < w->pan_at_ms)
		return;
	w->pan_at_ms = now + PAN_STEP_MS;
	if (geometry_pan(&w->scene.geometry, w->pan_dx, w->pan_dy)) {
		window_everything_dirty(w);
		send_position(w); /* the same place in the window is another one on the screen */
	} else {
		w->pan_at_ms = 0;
	}
}

static void handle_motion(struct window *w, const SDL_MouseMotionEvent *e)
{
	w->mouse_x = e->x;
	w->mouse_y = e->y;
	if (w->menu_open) {
		int line = overlay_menu_at(&w->overlay, e->x, e->y);
		if (line >= 0 && line < MENU_ENTRIES)
			w->menu_selected = line;
		return;
	}
	update_pan(w, e->x, e->y);
	send_position(w);
}

static void handle_button(struct window *w, const SDL_MouseButtonEvent *e)
{
	/* SDL's numbers to X11's. */
	static const uint8_t numbers[] = { 0, 1, 2, 3, 8, 9 };
	bool down = e->type == SDL_MOUSEBUTTONDOWN;

	w->mouse_x = e->x;
	w->mouse_y = e->y;
	if (w->menu_open) {
		int line = overlay_menu_at(&w->overlay, e->x, e->y);
		if (down && line < 0)
			set_menu(w, false);
		else if (down)
			choose(w, line);
		return;
	}
	if (e->button >= ARRAY_LEN(numbers) || numbers[e->button] == 0 || !session_open(w))
		return;
	send_position(w); /* a click is where the pointer is, whether it moved or not */
	controls_button(&w->controls, numbers[e->button], down);
}

static void handle_wheel(struct window *w, const SDL_MouseWheelEvent *e)
{
	float sign = e->direction == SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;

	if (w->menu_open || !session_open(w))
		return;
	send_position(w);
	/* SDL: up and right positive; ours: down and right positive. */
	controls_wheel(&w->controls, sign * e->preciseX, -sign * e->preciseY);
}

static void handle_window(struct window *w, const SDL_WindowEvent *e)
{
	switch (e->event) {
	case SDL_WINDOWEVENT_SIZE_CHANGED:
		window_changed(w);
		w->view_at_ms = clock_now_ms() + VIEW_DEBOUNCE_MS;
		break;
	case SDL_WINDOWEVENT_EXPOSED:
		window_everything_dirty(w);
		break;
	case SDL_WINDOWEVENT_FOCUS_LOST:
		w->focused = false;
		controls_release_all(&w->controls);
		window_apply_grab(w);
		break;
	case SDL_WINDOWEVENT_FOCUS_GAINED:
		w->focused = true;
		window_apply_grab(w);
		break;
	case SDL_WINDOWEVENT_LEAVE:
		w->pan_at_ms = 0;
		break;
	case SDL_WINDOWEVENT_MINIMIZED:
	case SDL_WINDOWEVENT_HIDDEN:
		w->hidden = true;
		w->view_at_ms = clock_now_ms();
		break;
	case SDL_WINDOWEVENT_SHOWN:
	case SDL_WINDOWEVENT_RESTORED:
	case SDL_WINDOWEVENT_MAXIMIZED:
		w->view_at_ms = w->hidden ? clock_now_ms() : w->view_at_ms;
		w->hidden = false;
		window_everything_dirty(w);
		break;
	default:
		break;
	}
}

static void handle_event(struct window *w, const SDL_Event *e)
{
	switch (e->type) {
	case SDL_QUIT:
		w->quit = true;
		break;
	case SDL_WINDOWEVENT:
		handle_window(w, &e->window);
		break;
	case SDL_SYSWMEVENT:
		handle_x11_key(w, e);
		break;
	case SDL_KEYDOWN:
	case SDL_KEYUP:
		handle_sdl_key(w, &e->key);
		break;
	case SDL_TEXTINPUT:
		if (w->text_follows && session_open(w) && !w->menu_open)
			controls_text(&w->controls, e->text.text);
		break;
	case SDL_MOUSEMOTION:
		handle_motion(w, &e->motion);
		break;
	case SDL_MOUSEBUTTONDOWN:
	case SDL_MOUSEBUTTONUP:
		handle_button(w, &e->button);
		break;
	case SDL_MOUSEWHEEL:
		handle_wheel(w, &e->wheel);
		break;
	default:
		break;
	}
}

void window_handle_events(struct window *w)
{
	SDL_Event e;

	while (SDL_PollEvent(&e))
		handle_event(w, &e);
	controls_flush(&w->controls);
}
