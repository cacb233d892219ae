/* The launcher: known workstations, enrolling and removing them, by keyboard or mouse. farseat;
 * enrolment runs in a thread of its own. */
#include "client/window/launcher.h"

#include "client/session/invitation_text.h"
#include "client/session/remedy.h"
#include "client/window/icon.h"
#include "client/window/launcher_state.h"
#include "client/window/termination.h"
#include "client/window/video.h"
#include "client/window/window.h"
#include "common/base/utf8.h"
#include "common/cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH_PX  760
#define HEIGHT_PX 520
#define SIGNAL_MS 300 /* SDL sleeps through signals */

static void load_rows(struct launcher *l)
{
	char **names;
	size_t count;
	const char *why;

	l->row_count = 0;
	if (workstation_list(&names, &count) < 0)
		return;
	for (size_t i = 0; i < count && l->row_count < LAUNCHER_ROWS_MAX; i++) {
		struct launcher_row *row = &l->rows[l->row_count];
		if (workstation_load(names[i], &row->workstation, &why) < 0)
			continue;
		row->last_seen_s = workstation_last_seen(names[i]);
		l->row_count++;
	}
	workstation_list_free(names, count);
	l->selected = MAX(MIN(l->selected, l->row_count - 1), 0);
}

static void set_mode(struct launcher *l, enum launcher_mode mode)
{
	if (mode != LAUNCHER_ENROL && mode != LAUNCHER_ENROLLING)
		secure_wipe(l->fields, sizeof(l->fields));
	l->mode = mode;
	l->field = FIELD_INVITATION;
	SDL_FlushEvent(SDL_TEXTINPUT); /* the letter that opened the form is not part of it */
	l->dirty = true;
}

static void wake(void)
{
	SDL_Event e = { .type = SDL_USEREVENT };

	SDL_PushEvent(&e);
}

static void on_progress(void *user, const char *what)
{
	struct launcher *l = user;

	atomic_store(&l->progress, what);
	wake();
}

static void *enroll_thread(void *user)
{
	struct launcher *l = user;

	enroll_run(l->thread_invitation, l->thread_name[0] ? l->thread_name : NULL, NULL, NULL,
		on_progress, l, &l->result);
	atomic_store(&l->done, true);
	wake();
	return NULL;
}

static void start_enrolment(struct launcher *l)
{
	if (invitation_text_clean(l->fields[FIELD_INVITATION], l->thread_invitation) < 0)
		return;
	snprintf(l->thread_name, sizeof(l->thread_name), "%.*s", (int)sizeof(l->thread_name) - 1,
		l->fields[FIELD_NAME]);
	atomic_store(&l->progress, NULL);
	atomic_store(&l->done, false);
	l->message[0] = '\0';
	if (pthread_create(&l->thread, NULL, enroll_thread, l) != 0) {
		snprintf(l->message, sizeof(l->message), "Out of memory.");
		return;
	}
	set_mode(l, LAUNCHER_ENROLLING);
}

static void select_name(struct launcher *l, const char *name)
{
	for (int i = 0; i < l->row_count; i++)
		if (strcmp(l->rows[i].workstation.name, name) == 0)
			l->selected = i;
}

/* First letter large, full stop: results are written as parts of sentences. */
static void say(struct launcher *l, const char *reason, const char *remedy)
{
	snprintf(l->message, sizeof(l->message), "%.300s%s %.200s", reason, sentence_end(reason),
		remedy);
	if (l->message[0] >= 'a' && l->message[0] <= 'z')
		l->message[0] = (char)(l->message[0] - 'a' + 'A');
}

static void finish_enrolment(struct launcher *l)
{
	pthread_join(l->thread, NULL);
	atomic_store(&l->done, false);
	secure_wipe(l->thread_invitation, sizeof(l->thread_invitation));
	if (l->result.status != 0) {
		say(l, l->result.reason, l->result.remedy);
		set_mode(l, LAUNCHER_ENROL);
		return;
	}
	set_mode(l, LAUNCHER_LIST);
	load_rows(l);
	select_name(l, l->result.workstation.name);
	snprintf(l->message, sizeof(l->message), "This laptop is enrolled as '%s'.",
		l->result.device);
}

static void append(struct launcher *l, const char *text)
{
	char *field = l->fields[l->field];
	size_t len = strlen(field);

	for (; *text && len < sizeof(l->fields[0]) - 1; text++)
		if ((unsigned char)*text > ' ' &&
			*text != 0x7f) /* a pasted invitation may be broken into lines */
			field[len++] = *text;
	field[len] = '\0';
	l->dirty = true;
}

static void paste(struct launcher *l)
{
	char *text = SDL_GetClipboardText();

	if (!text)
		return;
	append(l, text);
	secure_wipe(text, strlen(text));
	SDL_free(text);
}

static void remove_selected(struct launcher *l)
{
	int r = workstation_remove(l->rows[l->selected].workstation.name);

	l->message[0] = '\0';
	if (r < 0)
		snprintf(l->message, sizeof(l->message), "It could not be removed: %s.",
			strerror(-r));
	set_mode(l, LAUNCHER_LIST);
	load_rows(l);
}

static void act(struct launcher *l, int action)
{
	l->dirty = true;
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
		set_mode(l, LAUNCHER_ENROL);
		break;
	case ACTION_REMOVE:
		if (l->row_count > 0)
			set_mode(l, LAUNCHER_REMOVE);
		break;
	case ACTION_DO_ENROL:
		start_enrolment(l);
		break;
	case ACTION_DO_REMOVE:
		remove_selected(l);
		break;
	case ACTION_PASTE:
		paste(l);
		break;
	case ACTION_CANCEL:
		l->message[0] = '\0';
		set_mode(l, LAUNCHER_LIST);
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
		act(l, l->row_count > 0 ? ACTION_CONNECT : ACTION_ENROL);
		break;
	case SDLK_e:
	case SDLK_INSERT:
		act(l, ACTION_ENROL);
		break;
	case SDLK_DELETE:
		act(l, ACTION_REMOVE);
		break;
	case SDLK_F5:
		load_rows(l);
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
		paste(l);
	else if (control && key->sym == SDLK_u)
		l->fields[l->field][0] = '\0';
	else if (key->sym == SDLK_TAB || key->sym == SDLK_UP || key->sym == SDLK_DOWN)
		l->field = (l->field + 1) % LAUNCHER_FIELDS;
	else if (key->sym == SDLK_BACKSPACE)
		erase(l->fields[l->field]);
	else if (key->sym == SDLK_RETURN || key->sym == SDLK_KP_ENTER)
		act(l, ACTION_DO_ENROL);
	else if (key->sym == SDLK_ESCAPE)
		act(l, ACTION_CANCEL);
}

static void handle_key(struct launcher *l, const SDL_Keysym *key)
{
	l->dirty = true;
	if (l->mode == LAUNCHER_LIST)
		list_key(l, key->sym);
	else if (l->mode == LAUNCHER_ENROL)
		enrol_key(l, key);
	else if (l->mode == LAUNCHER_REMOVE && key->sym == SDLK_RETURN)
		act(l, ACTION_DO_REMOVE);
	else if (l->mode == LAUNCHER_REMOVE && key->sym == SDLK_ESCAPE)
		act(l, ACTION_CANCEL);
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

	if (e->button == SDL_BUTTON_MIDDLE && l->mode == LAUNCHER_ENROL && action >= ACTION_FIELD &&
		action < ACTION_ROW) {
		act(l, action);
		paste(l);
	} else if (e->button == SDL_BUTTON_LEFT) {
		act(l, action);
		if (action >= ACTION_ROW && e->clicks >= 2)
			act(l, ACTION_CONNECT);
	}
}

static void handle_event(struct launcher *l, const SDL_Event *e)
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
		l->dirty = true;
		break;
	case SDL_WINDOWEVENT:
	case SDL_USEREVENT:
		l->dirty = true;
		break;
	default:
		break;
	}
}

/* Shows the window until something is to be opened (EXIT_OK with connect set) or it is closed. */
static int show(struct launcher *l)
{
	SDL_Event e;

	if (video_start() < 0)
		return EXIT_FAILED;
	l->window = SDL_CreateWindow("Farseat", (int)SDL_WINDOWPOS_CENTERED,
		(int)SDL_WINDOWPOS_CENTERED, WIDTH_PX, HEIGHT_PX, SDL_WINDOW_RESIZABLE);
	if (!l->window || canvas_create(&l->canvas, 1) < 0) {
		fprintf(stderr, "farseat: no window: %s\n", SDL_GetError());
		return EXIT_FAILED;
	}
	SDL_SetWindowMinimumSize(l->window, 560, 380);
	icon_set(l->window);
	SDL_StartTextInput();
	load_rows(l);
	l->dirty = true;
	while (!l->quit && !l->connect && !termination_asked()) {
		if (l->dirty)
			launcher_draw(l);
		if (SDL_WaitEventTimeout(&e, SIGNAL_MS))
			do
				handle_event(l, &e);
			while (!l->quit && !l->connect && SDL_PollEvent(&e));
		if (atomic_load(&l->done))
			finish_enrolment(l);
	}
	return EXIT_OK;
}

static void hide(struct launcher *l)
{
	canvas_destroy(l->canvas);
	l->canvas = NULL;
	if (l->window)
		SDL_DestroyWindow(l->window);
	l->window = NULL;
	SDL_Quit();
}

/* A link that somebody clicked on, and that anybody may have written: says where it leads, and
 * waits for the person's word. */
static void offer(struct launcher *l, const char *link)
{
	char text[INVITATION_TEXT_MAX_BYTES];
	struct invitation invitation;
	const char *why = "it is empty or too long";

	if (invitation_text_clean(link, text) < 0 ||
		invitation_parse(text, &invitation, &why) < 0) {
		snprintf(l->message, sizeof(l->message),
			"The link cannot be used: %s. Ask for a new invitation.", why);
		return;
	}
	snprintf(l->fields[FIELD_INVITATION], sizeof(l->fields[0]), "%s", text);
	secure_wipe(text, sizeof(text));
	snprintf(l->message, sizeof(l->message),
		"A link invites this laptop to the workstation at %s, port %u. Enrol only if you expected that; Escape refuses.",
		invitation.host, (unsigned)invitation.port);
	invitation_wipe(&invitation);
	l->mode = LAUNCHER_ENROL;
}

int launcher_run(const char *link)
{
	static const struct window_options options;
	struct launcher *l = calloc(1, sizeof(*l));
	int status = EXIT_OK;

	if (!l)
		return EXIT_FAILED;
	if (link)
		offer(l, link);
	do {
		l->connect = false;
		status = show(l);
		hide(l);
		if (l->connect &&
			window_run(&l->rows[l->selected].workstation, &options) == EXIT_REFUSED)
			snprintf(l->message, sizeof(l->message), "%s refused this laptop.",
				l->rows[l->selected].workstation.name);
	} while (l->connect && !termination_asked());
	secure_wipe(l->fields, sizeof(l->fields));
	/* An enrolment that still runs would use what main frees; what it did not finish is not
	 * stored. */
	if (l->mode == LAUNCHER_ENROLLING)
		_exit(status);
	free(l);
	return status;
}
