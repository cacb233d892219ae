#include "client/window/window_x11.h"

#include <SDL_syswm.h>
#include <X11/XKBlib.h>
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* X keycodes are evdev codes plus 8, with the evdev rules that every X server on Linux uses
 * (xkeyboard-config, keycodes/evdev). */
#define KEYCODE_MIN 8

/* The number of a visual with 8 bits a colour; 0: there is none. The alternate one that the
 * Composite extension makes, of depth 32, is drawn on displays of any depth. */
static unsigned long find_visual(Display *display)
{
	static const int depths[] = { 24, 32 };
	XVisualInfo wanted = {
		.screen = DefaultScreen(display),
		.class = TrueColor,
		.red_mask = 0xff0000,
		.green_mask = 0xff00,
		.blue_mask = 0xff,
	};
	unsigned long id = 0;

	for (size_t i = 0; i < ARRAY_LEN(depths) && id == 0; i++) {
		int count = 0;
		wanted.depth = depths[i];
		XVisualInfo *found = XGetVisualInfo(display,
			VisualScreenMask | VisualDepthMask | VisualClassMask | VisualRedMaskMask |
				VisualGreenMaskMask | VisualBlueMaskMask,
			&wanted, &count);
		if (count > 0)
			id = found[0].visualid;
		XFree(found);
	}
	return id;
}

int window_x11_choose_visual(void)
{
	const char *driver = SDL_GetCurrentVideoDriver();
	SDL_DisplayMode mode;
	char text[32];

	if (!driver || strcmp(driver, "x11") != 0 ||
		SDL_GetHint(SDL_HINT_VIDEO_X11_WINDOW_VISUALID))
		return 0;
	if (SDL_GetCurrentDisplayMode(0, &mode) < 0 || mode.format != SDL_PIXELFORMAT_UNKNOWN)
		return 0;
	Display *display = XOpenDisplay(NULL);
	if (!display)
		return -ENOTSUP;
	unsigned long id = find_visual(display);
	XCloseDisplay(display);
	if (id == 0)
		return -ENOTSUP;
	snprintf(text, sizeof(text), "0x%lx", id);
	SDL_SetHint(SDL_HINT_VIDEO_X11_WINDOW_VISUALID, text);
	return 0;
}

int window_x11_attach(struct window_x11 *w, SDL_Window *window)
{
	SDL_SysWMinfo info;

	*w = (struct window_x11){ 0 };
	SDL_VERSION(&info.version);
	if (!SDL_GetWindowWMInfo(window, &info) || info.subsystem != SDL_SYSWM_X11)
		return -ENOTSUP;
	w->display = info.info.x11.display;
	w->window = info.info.x11.window;
	return 0;
}

int window_x11_fd(const struct window_x11 *w)
{
	Display *display = w->display;

	return display ? ConnectionNumber(display) : -1;
}

bool window_x11_queued(const struct window_x11 *w)
{
	/* Flushes, then looks at the queue without reading the socket: poll tells of that. */
	return w->display && (XFlush(w->display), XEventsQueued(w->display, QueuedAlready) > 0);
}

double window_x11_dpi(const struct window_x11 *w)
{
	Display *display = w->display;

	if (!display)
		return 0;
	const char *text = XGetDefault(display, "Xft", "dpi");
	double dpi = text ? strtod(text, NULL) : 0;
	if (dpi > 0)
		return dpi;
	int screen = DefaultScreen(display);
	int height_mm = DisplayHeightMM(display, screen);
	return height_mm > 0 ? DisplayHeight(display, screen) * 25.4 / height_mm : 0;
}

static const XEvent *x_event(const SDL_Event *event)
{
	if (event->type != SDL_SYSWMEVENT || !event->syswm.msg ||
		event->syswm.msg->subsystem != SDL_SYSWM_X11)
		return NULL;
	return &event->syswm.msg->msg.x11.event;
}

bool window_x11_is_wanted(const SDL_Event *event)
{
	const XEvent *x = x_event(event);

	return x && (x->type == KeyPress || x->type == KeyRelease ||
			    (x->type == FocusIn && x->xfocus.mode == NotifyUngrab));
}

bool window_x11_keyboard(const struct window_x11 *w, struct window_x11_keyboard *out)
{
	Display *display = w->display;
	char keys[sizeof(out->keys)];

	if (!display)
		return false;
	XQueryKeymap(display, keys);
	memcpy(out->keys, keys, sizeof(keys));
	return true;
}

bool window_x11_is_down(const void *keyboard, uint16_t evdev)
{
	const struct window_x11_keyboard *k = keyboard;
	unsigned keycode = evdev + KEYCODE_MIN;

	return keycode / 8 >= sizeof(k->keys) || (k->keys[keycode / 8] & 1U << keycode % 8);
}

uint32_t window_x11_keysym(const struct window_x11 *w, uint16_t evdev)
{
	return w->display ? (uint32_t)XkbKeycodeToKeysym(
				    w->display, (KeyCode)(evdev + KEYCODE_MIN), 0, 0)
			  : 0;
}

bool window_x11_key(const struct window_x11 *w, const SDL_Event *event, struct window_x11_key *out)
{
	const XEvent *x = x_event(event);
	KeySym keysym = NoSymbol;

	if (!w->display || !x || (x->type != KeyPress && x->type != KeyRelease))
		return false;
	/* XLookupString wants to write its compose state, and a char buffer; it does not change the
	 * event. */
	XKeyEvent key = x->xkey;
	char text[32];
	XLookupString(&key, text, sizeof(text), &keysym, NULL);
	out->evdev = key.keycode > KEYCODE_MIN ? (uint16_t)(key.keycode - KEYCODE_MIN) : 0;
	out->keysym = (uint32_t)keysym;
	out->down = x->type == KeyPress;
	return true;
}

bool window_x11_managed(const struct window_x11 *w)
{
	Display *display = w->display;
	Atom type;
	int format;
	unsigned long count = 0, left;
	unsigned char *value = NULL;

	if (!display)
		return true;
	/* EWMH 1.5, Root Window Properties: a window manager must set it. */
	Atom check = XInternAtom(display, "_NET_SUPPORTING_WM_CHECK", True);
	if (check == None ||
		XGetWindowProperty(display, DefaultRootWindow(display), check, 0, 1, False,
			XA_WINDOW, &type, &format, &count, &left, &value) != Success)
		return false;
	if (value)
		XFree(value);
	return count > 0;
}
