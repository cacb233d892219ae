/* What the person does in the launcher: keys, mouse, the clipboard. */
#include "client/window/launcher_state.h"

#include "common/base/utf8.h"

#include <string.h>

/* Blanks are no part of a field: a pasted invitation may be broken into lines. */
static void append(struct launcher *l, const char *text)
{
	char *field = l->fields[l->field];
	size_t len = strlen(field);

	for (; *text && len < sizeof(l->fields[0]) - 1; text++)
		if ((unsigned char)*text > ' ' && *text != 0x7f)
			field[len++] = *text;
	field[len] = '\0';
	l->dirty = true;
}

/* Into a field, by a person, before there is a connection: text at once is all that is needed here, and
 * what SDL can (a window with a session fetches nothing by it: window_clipboard.h). */
void launcher_paste(struct launcher *l)
{
	char *text = SDL_GetClipboardText();

	if (!text)
		return;
	if (l->mode == LAUNCHER_SETTINGS)
		launcher_settings_type(l, text);
	else
		append(l, text);
	secure_wipe(text, strlen(text));
	SDL_free(text);
}

void launcher_act(struct launcher *l, int action)
{
	l->dirty = true;
	if (l->mode == LAUNCHER_SETTINGS && action >= ACTION_FIELD) {
		launcher_settings_press(l, action);
		return;
	}
	if (action >= ACTION_ROW) {
		l->selected = action - ACTION_ROW;
		return;
	}
	if (action >= ACTION_FIELD) {
		l->field = action - ACTION_FIELD;
		return;
	}
	switch (action) {
	case ACTION_CONNECT:
		l->connect = l->row_count > 0;
		break;
	case ACTION_ENROL:
		l->message[0] = '\0';
		launcher_set_mode(l, LAUNCHER_ENROL);
		break;
	case ACTION_REMOVE:
		l->remove_focused = false;
		if (l->row_count > 0)
			launcher_set_mode(l, LAUNCHER_REMOVE);
		break;
	case ACTION_SETTINGS:
		if (l->row_count > 0)
			launcher_open_settings(l);
		break;
	case ACTION_DO_SETTINGS:
		launcher_keep_settings(l);
		break;
	case ACTION_DO_ENROL:
		launcher_start_enrolment(l);
		break;
	case ACTION_DO_REMOVE:
		launcher_remove_selected(l);
		break;
	case ACTION_PASTE:
		launcher_paste(l);
		break;
	case ACTION_CANCEL:
		if (l->mode == LAUNCHER_ENROLLING) {
			launcher_give_up_enrolment(l);
			break;
		}
		l->message[0] = '\0';
		launcher_set_mode(l, LAUNCHER_LIST);
		break;
	default:
		break;
	}
}

static void list_key(struct launcher *l, SDL_Keycode key)
{
	switch (key) {
	case SDLK_UP:
		l->selected = MAX(l->selected - 1, 0);
		break;
	case SDLK_DOWN:
		l->selected = MAX(MIN(l->selected + 1, l->row_count - 1), 0);
		break;
	case SDLK_RETURN:
	case SDLK_KP_ENTER:
		launcher_act(l, l->row_count > 0 ? ACTION_CONNECT : ACTION_ENROL);
		break;
	case SDLK_e:
	case SDLK_INSERT:
		launcher_act(l, ACTION_ENROL);
		break;
	case SDLK_DELETE:
		launcher_act(l, ACTION_REMOVE);
		break;
	case SDLK_s:
	case SDLK_F2:
		launcher_act(l, ACTION_SETTINGS);
		break;
	case SDLK_F5:
		launcher_load_rows(l);
		break;
	case SDLK_ESCAPE:
		l->quit = true;
		break;
	default:
		break;
	}
}

/* Takes the last character away, whole. */
static void erase(char *field)
{
	field[utf8_without_last(field, strlen(field))] = '\0';
}

static void enrol_key(struct launcher *l, const SDL_Keysym *key)
{
	bool control = (key->mod & KMOD_CTRL) != 0;

	if ((control && key->sym == SDLK_v) || (key->sym == SDLK_INSERT && (key->mod & KMOD_SHIFT)))
		launcher_paste(l);
	else if (control && key->sym == SDLK_u)
		l->fields[l->field][0] = '\0';
	else if (key->sym == SDLK_TAB || key->sym == SDLK_UP || key->sym == SDLK_DOWN)
		l->field = (l->field + 1) % LAUNCHER_FIELDS;
	else if (key->sym == SDLK_BACKSPACE)
		erase(l->fields[l->field]);
	else if (key->sym == SDLK_RETURN || key->sym == SDLK_KP_ENTER)
		launcher_act(l, ACTION_DO_ENROL);
	else if (key->sym == SDLK_ESCAPE)
		launcher_act(l, ACTION_CANCEL);
}

/* Enter does what is safe until the person has gone to the other button. */
static void remove_key(struct launcher *l, SDL_Keycode key)
{
	if (key == SDLK_TAB || key == SDLK_LEFT || key == SDLK_RIGHT)
		l->remove_focused = !l->remove_focused;
	else if (key == SDLK_RETURN || key == SDLK_KP_ENTER)
		launcher_act(l, l->remove_focused ? ACTION_DO_REMOVE : ACTION_CANCEL);
	else if (key == SDLK_ESCAPE)
		launcher_act(l, ACTION_CANCEL);
}

static void handle_key(struct launcher *l, const SDL_Keysym *key)
{
	l->dirty = true;
	switch (l->mode) {
	case LAUNCHER_LIST:
		list_key(l, key->sym);
		break;
	case LAUNCHER_ENROL:
		enrol_key(l, key);
		break;
	case LAUNCHER_ENROLLING:
		if (key->sym == SDLK_ESCAPE)
			launcher_act(l, ACTION_CANCEL);
		break;
	case LAUNCHER_REMOVE:
		remove_key(l, key->sym);
		break;
	case LAUNCHER_SETTINGS:
		launcher_settings_key(l, key);
		break;
	}
}

static int action_at(const struct launcher *l, int x, int y)
{
	for (int i = 0; i < l->target_count; i++)
		if (area_has_point(l->targets[i].area, x, y))
			return l->targets[i].action;
	return ACTION_NONE;
}

static void handle_click(struct launcher *l, const SDL_MouseButtonEvent *e)
{
	int action = action_at(l, e->x, e->y);

	if (e->button == SDL_BUTTON_MIDDLE && l->mode != LAUNCHER_ENROLLING &&
		action >= ACTION_FIELD && action < ACTION_ROW) {
		launcher_act(l, action);
		launcher_paste(l);
	} else if (e->button == SDL_BUTTON_LEFT) {
		launcher_act(l, action);
		if (l->mode == LAUNCHER_LIST && action >= ACTION_ROW && e->clicks >= 2)
			launcher_act(l, ACTION_CONNECT);
	}
}

void launcher_handle_event(struct launcher *l, const SDL_Event *e)
{
	switch (e->type) {
	case SDL_QUIT:
		l->quit = true;
		break;
	case SDL_KEYDOWN:
		handle_key(l, &e->key.keysym);
		break;
	case SDL_TEXTINPUT:
		if (l->mode == LAUNCHER_ENROL)
			append(l, e->text.text);
		else if (l->mode == LAUNCHER_SETTINGS)
			launcher_settings_type(l, e->text.text);
		break;
	case SDL_MOUSEMOTION: {
		int hovered = action_at(l, e->motion.x, e->motion.y);
		l->dirty |= hovered != l->hovered;
		l->hovered = hovered;
		break;
	}
	case SDL_MOUSEBUTTONDOWN:
		handle_click(l, &e->button);
		break;
	case SDL_MOUSEWHEEL:
		if (l->mode == LAUNCHER_LIST)
			list_key(l, e->wheel.y > 0 ? SDLK_UP : SDLK_DOWN);
		else if (l->mode == LAUNCHER_SETTINGS)
			settings_form_move(&l->settings, e->wheel.y > 0 ? -1 : 1);
		l->dirty = true;
		break;
	case SDL_WINDOWEVENT:
		if (e->window.event == SDL_WINDOWEVENT_FOCUS_GAINED)
			l->focused = true;
		else if (e->window.event == SDL_WINDOWEVENT_FOCUS_LOST)
			l->focused = false;
		launcher_rescale(l);
		l->dirty = true;
		break;
	case SDL_USEREVENT:
		l->dirty = true;
		break;
	default:
		break;
	}
}
