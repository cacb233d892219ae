/* What happens to the window, and which part of it an event is for. */
#include "client/window/window_state.h"

#include "common/base/clock.h"

/* A window that is being dragged larger asks for one new size, not fifty. */
#define VIEW_DEBOUNCE_MS 150

static void handle_window(struct window *w, const SDL_WindowEvent *e)
{
	switch (e->event) {
	case SDL_WINDOWEVENT_SIZE_CHANGED:
		window_changed(w);
		w->view_at_ms = clock_now_ms() + VIEW_DEBOUNCE_MS;
		break;
	case SDL_WINDOWEVENT_DISPLAY_CHANGED:
		window_changed(w);
		break;
	case SDL_WINDOWEVENT_EXPOSED:
		window_everything_dirty(w);
		break;
	case SDL_WINDOWEVENT_FOCUS_LOST:
		w->composing = false;
		w->focused = false;
		controls_release_all(&w->controls);
		window_apply_grab(w);
		window_clipboard_update(w);
		break;
	case SDL_WINDOWEVENT_FOCUS_GAINED:
		w->focused = true;
		w->locks_due = true;
		window_align_locks(w);
		window_apply_grab(w);
		window_clipboard_update(w);
		break;
	case SDL_WINDOWEVENT_LEAVE:
		w->pan_at_ms = 0;
		window_close_bar(w);
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
	/* What a key typed comes right behind it; any other text an input method has composed. */
	if (e->type != SDL_KEYDOWN && e->type != SDL_TEXTINPUT)
		w->text_of_key = false;
	switch (e->type) {
	case SDL_QUIT:
		w->quit = true;
		break;
	case SDL_WINDOWEVENT:
		handle_window(w, &e->window);
		break;
	case SDL_SYSWMEVENT:
		window_handle_x11_key(w, e);
		break;
	case SDL_KEYDOWN:
	case SDL_KEYUP:
		window_handle_sdl_key(w, &e->key);
		break;
	case SDL_TEXTINPUT:
		if (!w->text_of_key && window_session_open(w) && !w->menu_open)
			controls_text(&w->controls, e->text.text);
		w->text_of_key = false;
		w->composing = false;
		break;
	case SDL_MOUSEMOTION:
		window_handle_motion(w, &e->motion);
		break;
	case SDL_MOUSEBUTTONDOWN:
	case SDL_MOUSEBUTTONUP:
		window_handle_button(w, &e->button);
		window_clipboard_update(w);
		break;
	case SDL_DROPBEGIN:
		window_files_drop_begin(w);
		break;
	case SDL_DROPFILE:
		window_files_drop_path(w, e->drop.file);
		break;
	case SDL_DROPTEXT: /* a piece of text was dragged here: nothing takes it */
		SDL_free(e->drop.file);
		break;
	case SDL_DROPCOMPLETE:
		window_files_drop_end(w);
		break;
	case SDL_MOUSEWHEEL:
		window_handle_wheel(w, &e->wheel);
		break;
	case SDL_AUDIODEVICEADDED:
	case SDL_AUDIODEVICEREMOVED:
		window_sound_device(w, &e->adevice);
		break;
	default:
		break;
	}
}

void window_handle_events(struct window *w)
{
	SDL_Event e;
	bool any = false;

	while (SDL_PollEvent(&e)) {
		handle_event(w, &e);
		any = true;
	}
	if (any)
		window_check_keys(w);
	controls_flush(&w->controls);
}
