/* What the person does in a viewer's window: to the session, to the menu, or to the window itself.
 */
#include "client/window/viewer_state.h"

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

static bool session_open(const struct viewer *v)
{
	enum connection_state s = connection_state(v->connection);

	return s == CONNECTION_OPEN || s == CONNECTION_SILENT;
}

/* For good: nothing goes on by itself, the card offers to try again. */
static bool session_over(const struct viewer *v)
{
	enum connection_state s = connection_state(v->connection);

	return s == CONNECTION_REFUSED || s == CONNECTION_ENDED || s == CONNECTION_FAILED;
}

static void set_menu(struct viewer *v, bool open)
{
	if (open && !v->menu_open)
		input_release_all(&v->input);
	v->menu_open = open;
	v->menu_selected = 0;
	viewer_update_cursor(v);
}

static void send_ctrl_alt_del(struct viewer *v)
{
	static const struct {
		uint16_t evdev;
		uint32_t keysym;
	} chord[] = { { KEY_LEFTCTRL, XKB_KEY_Control_L }, { KEY_LEFTALT, XKB_KEY_Alt_L },
		{ KEY_DELETE, XKB_KEY_Delete } };

	for (size_t i = 0; i < ARRAY_LEN(chord); i++)
		input_key(&v->input, chord[i].evdev, chord[i].keysym, true);
	for (size_t i = ARRAY_LEN(chord); i-- > 0;)
		input_key(&v->input, chord[i].evdev, chord[i].keysym, false);
}

static void set_grab(struct viewer *v, bool on)
{
	v->grab = on;
	viewer_apply_grab(v);
}

static void choose(struct viewer *v, int entry)
{
	switch (entry) {
	case MENU_FULLSCREEN:
		set_menu(v, false);
		viewer_set_fullscreen(v, !v->fullscreen);
		break;
	case MENU_SCALE:
		v->scene.geometry.mode =
			(enum scale_mode)((v->scene.geometry.mode + 1) % (SCALE_ONE + 1));
		viewer_window_changed(v);
		break;
	case MENU_GRAB:
		set_menu(v, false);
		set_grab(v, !v->grab);
		break;
	case MENU_CTRL_ALT_DEL:
		set_menu(v, false);
		send_ctrl_alt_del(v);
		break;
	case MENU_STATS:
		v->options.stats = !v->options.stats;
		break;
	case MENU_DISCONNECT:
		v->quit = true;
		break;
	default:
		break;
	}
}

static void menu_key(struct viewer *v, SDL_Keycode key)
{
	switch (key) {
	case SDLK_UP:
		v->menu_selected = (v->menu_selected + MENU_ENTRIES - 1) % MENU_ENTRIES;
		break;
	case SDLK_DOWN:
	case SDLK_TAB:
		v->menu_selected = (v->menu_selected + 1) % MENU_ENTRIES;
		break;
	case SDLK_RETURN:
	case SDLK_KP_ENTER:
	case SDLK_SPACE:
		choose(v, v->menu_selected);
		break;
	case SDLK_ESCAPE:
	case SDLK_F8:
		set_menu(v, false);
		break;
	default:
		break;
	}
}

/* Our own shortcuts; they work whatever the session does with the keyboard. True: taken. */
static bool shortcut(struct viewer *v, const SDL_Keysym *key)
{
	bool ctrl_alt = (key->mod & KMOD_CTRL) && (key->mod & KMOD_ALT) && !(key->mod & KMOD_SHIFT);

	if (!ctrl_alt || (key->sym != SDLK_RETURN && key->sym != SDLK_m && key->sym != SDLK_g))
		return false;
	/* The session has seen Ctrl and Alt go down. */
	input_release_all(&v->input);
	if (key->sym == SDLK_RETURN)
		viewer_set_fullscreen(v, !v->fullscreen);
	else if (key->sym == SDLK_m)
		set_menu(v, !v->menu_open);
	else
		set_grab(v, !v->grab);
	return true;
}

/* A press that our window uses itself; SDL's view of the key is enough for that. */
static bool own_key(struct viewer *v, const SDL_Keysym *key)
{
	if (shortcut(v, key))
		return true;
	if (v->menu_open) {
		menu_key(v, key->sym);
		return true;
	}
	if (session_over(v)) {
		if (key->sym == SDLK_RETURN || key->sym == SDLK_KP_ENTER)
			connection_start(v->connection);
		else if (key->sym == SDLK_ESCAPE)
			v->quit = true;
		return true;
	}
	return !session_open(v);
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

static void handle_sdl_key(struct viewer *v, const SDL_KeyboardEvent *e)
{
	bool down = e->type == SDL_KEYDOWN;
	bool text = false;

	if (v->x11.display)
		return; /* came as SDL_SYSWMEVENT, with more in it */
	if (down && own_key(v, &e->keysym))
		return;
	uint16_t evdev = keys_evdev(e->keysym.scancode);
	uint32_t keysym = down ? keysym_by_sdl(&e->keysym, &text) : 0;
	input_key(&v->input, evdev, keysym, down);
	if (down)
		v->text_follows = !text;
}

static void handle_x11_key(struct viewer *v, const SDL_Event *e)
{
	struct window_x11_key key;

	if (!window_x11_key(&v->x11, e, &key))
		return;
	if (!key.down) {
		input_key(&v->input, key.evdev, key.keysym, false);
		return;
	}
	v->text_follows = key.evdev == 0;
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
	if (!own_key(v, &sdl))
		input_key(&v->input, key.evdev, key.keysym, true);
}

static void update_pan(struct viewer *v, int x, int y)
{
	const struct geometry *g = &v->scene.geometry;
	bool wide = g->target.width > g->window_width_px;
	bool high = g->target.height > g->window_height_px;

	v->pan_dx = !wide             ? 0
		    : x < PAN_EDGE_PX ? x - PAN_EDGE_PX
				      : MAX(x - (g->window_width_px - 1 - PAN_EDGE_PX), 0);
	v->pan_dy = !high             ? 0
		    : y < PAN_EDGE_PX ? y - PAN_EDGE_PX
				      : MAX(y - (g->window_height_px - 1 - PAN_EDGE_PX), 0);
	if (v->pan_dx == 0 && v->pan_dy == 0)
		v->pan_at_ms = 0;
	else if (v->pan_at_ms == 0)
		v->pan_at_ms = clock_now_ms();
}

static void send_position(struct viewer *v)
{
	int x, y;

	if (!v->scene.picture.pixels || !session_open(v))
		return;
	geometry_to_screen(&v->scene.geometry, v->mouse_x, v->mouse_y, &x, &y);
	input_motion(&v->input, (uint16_t)x, (uint16_t)y);
}

void viewer_pan_step(struct viewer *v)
{
	uint64_t now = clock_now_ms();

	if (v->pan_at_ms == 0 || now < v->pan_at_ms)
		return;
	v->pan_at_ms = now + PAN_STEP_MS;
	if (geometry_pan(&v->scene.geometry, v->pan_dx, v->pan_dy)) {
		viewer_everything_dirty(v);
		send_position(v); /* the same place in the window is another one on the screen */
	} else {
		v->pan_at_ms = 0;
	}
}

static void handle_motion(struct viewer *v, const SDL_MouseMotionEvent *e)
{
	v->mouse_x = e->x;
	v->mouse_y = e->y;
	if (v->menu_open) {
		int line = overlay_menu_at(&v->overlay, e->x, e->y);
		if (line >= 0 && line < MENU_ENTRIES)
			v->menu_selected = line;
		return;
	}
	update_pan(v, e->x, e->y);
	send_position(v);
}

static void handle_button(struct viewer *v, const SDL_MouseButtonEvent *e)
{
	/* SDL's numbers to X11's. */
	static const uint8_t numbers[] = { 0, 1, 2, 3, 8, 9 };
	bool down = e->type == SDL_MOUSEBUTTONDOWN;

	v->mouse_x = e->x;
	v->mouse_y = e->y;
	if (v->menu_open) {
		int line = overlay_menu_at(&v->overlay, e->x, e->y);
		if (down && line < 0)
			set_menu(v, false);
		else if (down)
			choose(v, line);
		return;
	}
	if (e->button >= ARRAY_LEN(numbers) || numbers[e->button] == 0 || !session_open(v))
		return;
	send_position(v); /* a click is where the pointer is, whether it moved or not */
	input_button(&v->input, numbers[e->button], down);
}

static void handle_wheel(struct viewer *v, const SDL_MouseWheelEvent *e)
{
	float sign = e->direction == SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;

	if (v->menu_open || !session_open(v))
		return;
	send_position(v);
	/* SDL: up and right positive; ours: down and right positive. */
	input_wheel(&v->input, sign * e->preciseX, -sign * e->preciseY);
}

static void handle_window(struct viewer *v, const SDL_WindowEvent *e)
{
	switch (e->event) {
	case SDL_WINDOWEVENT_SIZE_CHANGED:
		viewer_window_changed(v);
		v->view_at_ms = clock_now_ms() + VIEW_DEBOUNCE_MS;
		break;
	case SDL_WINDOWEVENT_EXPOSED:
		viewer_everything_dirty(v);
		break;
	case SDL_WINDOWEVENT_FOCUS_LOST:
		v->focused = false;
		input_release_all(&v->input);
		viewer_apply_grab(v);
		break;
	case SDL_WINDOWEVENT_FOCUS_GAINED:
		v->focused = true;
		viewer_apply_grab(v);
		break;
	case SDL_WINDOWEVENT_LEAVE:
		v->pan_at_ms = 0;
		break;
	case SDL_WINDOWEVENT_MINIMIZED:
	case SDL_WINDOWEVENT_HIDDEN:
		v->hidden = true;
		v->view_at_ms = clock_now_ms();
		break;
	case SDL_WINDOWEVENT_SHOWN:
	case SDL_WINDOWEVENT_RESTORED:
	case SDL_WINDOWEVENT_MAXIMIZED:
		v->view_at_ms = v->hidden ? clock_now_ms() : v->view_at_ms;
		v->hidden = false;
		viewer_everything_dirty(v);
		break;
	default:
		break;
	}
}

static void handle_event(struct viewer *v, const SDL_Event *e)
{
	switch (e->type) {
	case SDL_QUIT:
		v->quit = true;
		break;
	case SDL_WINDOWEVENT:
		handle_window(v, &e->window);
		break;
	case SDL_SYSWMEVENT:
		handle_x11_key(v, e);
		break;
	case SDL_KEYDOWN:
	case SDL_KEYUP:
		handle_sdl_key(v, &e->key);
		break;
	case SDL_TEXTINPUT:
		if (v->text_follows && session_open(v) && !v->menu_open)
			input_text(&v->input, e->text.text);
		break;
	case SDL_MOUSEMOTION:
		handle_motion(v, &e->motion);
		break;
	case SDL_MOUSEBUTTONDOWN:
	case SDL_MOUSEBUTTONUP:
		handle_button(v, &e->button);
		break;
	case SDL_MOUSEWHEEL:
		handle_wheel(v, &e->wheel);
		break;
	default:
		break;
	}
}

void viewer_handle_events(struct viewer *v)
{
	SDL_Event e;

	while (SDL_PollEvent(&e))
		handle_event(v, &e);
	input_flush(&v->input);
}
