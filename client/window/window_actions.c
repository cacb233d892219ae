/* What menu, card and bar do, and the keys that lead there. */
#include "client/session/settings.h"
#include "client/window/window_state.h"

#include "common/base/clock.h"

#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

void window_set_menu(struct window *w, bool open)
{
	if (open && !w->menu_open)
		controls_release_all(&w->controls);
	w->menu_open = open;
	w->menu_selected = 0;
	window_pick_close(w);
	window_close_bar(w);
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

void window_do(struct window *w, enum window_action action)
{
	switch (action) {
	case WINDOW_FULLSCREEN:
		window_set_menu(w, false);
		window_set_fullscreen(w, !w->fullscreen);
		break;
	case WINDOW_SCALE:
		w->scene.geometry.mode =
			(enum scale_mode)((w->scene.geometry.mode + 1) % (SCALE_ONE + 1));
		window_changed(w);
		break;
	case WINDOW_GRAB:
		window_set_menu(w, false);
		w->grab = !w->grab;
		window_apply_grab(w);
		break;
	case WINDOW_CTRL_ALT_DEL:
		window_set_menu(w, false);
		send_ctrl_alt_del(w);
		break;
	case WINDOW_CLIPBOARD:
		window_clipboard_next_mode(w);
		break;
	case WINDOW_SECRET:
		window_set_menu(w, false);
		window_clipboard_type_secret(w);
		break;
	case WINDOW_GET:
		window_pick_open(w);
		break;
	case WINDOW_SEND_COPIED:
		window_set_menu(w, false);
		window_clipboard_send_files(w);
		break;
	case WINDOW_GET_COPIED:
		window_set_menu(w, false);
		window_files_get_copied(w);
		break;
	case WINDOW_CANCEL_COPIES:
		window_set_menu(w, false);
		window_copies_cancel_all(w);
		break;
	case WINDOW_SOUND:
		window_sound_switch(w);
		break;
	case WINDOW_VOLUME:
		window_sound_mute(w);
		break;
	case WINDOW_STATS:
		w->options.stats = !w->options.stats;
		break;
	case WINDOW_DISCONNECT:
		w->quit = true;
		break;
	case WINDOW_RETRY:
		connection_start(w->connection);
		break;
	case WINDOW_MENU:
		window_set_menu(w, !w->menu_open);
		break;
	case WINDOW_CANCEL_COPY:
	default:
		window_copies_cancel(w, (int)action - WINDOW_CANCEL_COPY);
		break;
	}
}

void window_menu_key(struct window *w, SDL_Keycode key)
{
	if (w->pick.open) {
		window_pick_key(w, key);
		return;
	}
	switch (key) {
	case SDLK_UP:
		w->menu_selected = (w->menu_selected + WINDOW_MENU_LINES - 1) % WINDOW_MENU_LINES;
		break;
	case SDLK_DOWN:
	case SDLK_TAB:
		w->menu_selected = (w->menu_selected + 1) % WINDOW_MENU_LINES;
		break;
	case SDLK_RETURN:
	case SDLK_KP_ENTER:
	case SDLK_SPACE:
		window_do(w, (enum window_action)w->menu_selected);
		break;
	case SDLK_LEFT:
	case SDLK_RIGHT:
		if (w->menu_selected == WINDOW_VOLUME)
			window_sound_change_volume(w, key == SDLK_LEFT ? -10 : 10);
		break;
	case SDLK_ESCAPE:
	case SDLK_F8:
		window_set_menu(w, false);
		break;
	default:
		break;
	}
}

void window_card_key(struct window *w, SDL_Keycode key)
{
	const struct overlay_words *shown = &w->overlay.drawn[OVERLAY_CARD];

	if (!overlay_shown(&w->overlay, OVERLAY_CARD))
		return;
	switch (card_key(&w->card, key, clock_now_ms())) {
	case CARD_GIVE_UP:
		w->quit = true;
		break;
	case CARD_PRESS:
		window_do(w, (enum window_action)shown->buttons[w->card.selected].action);
		break;
	case CARD_NOTHING:
		break;
	}
}

void window_hint(struct window *w, const char *text)
{
	snprintf(w->hint, sizeof(w->hint), "%s", text);
	w->hint_until_ms = clock_now_ms() + WINDOW_HINT_MS;
}

void window_keep(struct window *w, const char *key, const char *value)
{
	struct workstation kept;
	const char *why;
	/* The file is read anew: this window's workstation may have come by another way, for once. */
	int r = workstation_load(w->workstation.name, &kept, &why);

	if (r == 0 && settings_find(key)->take(&kept, value))
		r = -EINVAL;
	if (r == 0)
		r = workstation_store_conf(&kept);
	if (r < 0)
		window_hint(w, "For this window alone: the choice could not be kept.");
}

void window_hint_view_only(struct window *w)
{
	window_hint(
		w, w->options.view_only
			   ? "View only: what you type and click is not sent."
			   : "This laptop may only watch: what you type and click is not sent.");
}
