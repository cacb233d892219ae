/*
 * The launcher's window and what it does: known workstations, enrolling and removing them. farseat;
 * an enrolment runs in a thread of its own (enrol_job.h).
 */
#include "client/window/launcher.h"

#include "client/session/invitation_text.h"
#include "client/session/remedy.h"
#include "client/window/icon.h"
#include "client/window/launcher_state.h"
#include "client/window/scale.h"
#include "client/window/termination.h"
#include "client/window/video.h"
#include "client/window/window.h"
#include "common/base/clock.h"
#include "common/cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* At scale 1. */
#define WIDTH      760
#define HEIGHT     560
#define WIDTH_MIN  560
#define HEIGHT_MIN 380
#define SIGNAL_MS  300 /* SDL sleeps through signals */

static void stop_asking(struct launcher *l)
{
	for (int i = 0; i < l->row_count; i++)
		online_finish(&l->rows[i].online, &l->asking);
}

void launcher_load_rows(struct launcher *l)
{
	char **names;
	size_t count;
	const char *why;

	stop_asking(l);
	l->row_count = 0;
	if (workstation_list(&names, &count) < 0)
		return;
	for (size_t i = 0; i < count && l->row_count < LAUNCHER_ROWS_MAX; i++) {
		struct launcher_row *row = &l->rows[l->row_count];
		if (workstation_load(names[i], &row->workstation, &why) < 0)
			continue;
		row->online = (struct online){ 0 };
		row->last_seen_s = workstation_last_seen(names[i]);
		l->row_count++;
	}
	workstation_list_free(names, count);
	l->selected = MAX(MIN(l->selected, l->row_count - 1), 0);
}

void launcher_set_mode(struct launcher *l, enum launcher_mode mode)
{
	if (mode != LAUNCHER_ENROL && mode != LAUNCHER_ENROLLING)
		secure_wipe(l->fields, sizeof(l->fields));
	if (mode != LAUNCHER_SETTINGS)
		settings_form_close(&l->settings);
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

void launcher_start_enrolment(struct launcher *l)
{
	char invitation[INVITATION_TEXT_MAX_BYTES], name[WORKSTATION_NAME_MAX_BYTES];

	if (invitation_text_clean(l->fields[FIELD_INVITATION], invitation) < 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)sizeof(name) - 1, l->fields[FIELD_NAME]);
	l->message[0] = '\0';
	int r = enrol_job_start(&l->job, invitation, name, wake);
	secure_wipe(invitation, sizeof(invitation));
	if (r < 0)
		snprintf(l->message, sizeof(l->message), "It cannot be started: %s.", strerror(-r));
	else
		launcher_set_mode(l, LAUNCHER_ENROLLING);
}

void launcher_give_up_enrolment(struct launcher *l)
{
	bool shown = strcmp(enrol_job_step(l->job), ENROLL_STEP_SHOWING) == 0;

	enrol_job_abandon(l->job);
	l->job = NULL;
	l->abandoned = true;
	snprintf(l->message, sizeof(l->message), "Given up.%s",
		shown ? " The invitation may be spent: ask for a new one if it is refused." : "");
	launcher_set_mode(l, LAUNCHER_ENROL);
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
	struct enroll_result result;

	enrol_job_take(l->job, &result);
	l->job = NULL;
	if (result.status != 0) {
		say(l, result.reason, result.remedy);
		launcher_set_mode(l, LAUNCHER_ENROL);
		return;
	}
	launcher_set_mode(l, LAUNCHER_LIST);
	launcher_load_rows(l);
	select_name(l, result.workstation.name);
	snprintf(l->message, sizeof(l->message), "This laptop is enrolled as '%s'.", result.device);
}

void launcher_remove_selected(struct launcher *l)
{
	int r = workstation_remove(l->rows[l->selected].workstation.name);

	l->message[0] = '\0';
	if (r < 0)
		snprintf(l->message, sizeof(l->message), "It could not be removed: %s.",
			strerror(-r));
	launcher_set_mode(l, LAUNCHER_LIST);
	launcher_load_rows(l);
}

void launcher_open_settings(struct launcher *l)
{
	struct workstation kept;
	const char *why;
	const struct workstation *row = &l->rows[l->selected].workstation;

	/* A command or a window may have changed it since the list was read. */
	if (workstation_load(row->name, &kept, &why) < 0)
		kept = *row;
	l->message[0] = '\0';
	settings_form_open(&l->settings, &kept);
	l->first_setting = 0;
	launcher_set_mode(l, LAUNCHER_SETTINGS);
}

void launcher_keep_settings(struct launcher *l)
{
	struct workstation kept;

	if (settings_form_keep(&l->settings, &kept) < 0)
		return; /* the form says why */
	launcher_set_mode(l, LAUNCHER_LIST);
	launcher_load_rows(l);
	select_name(l, kept.name);
}

/* No larger than lets the smallest window stand on the display. */
static double fitting_scale(const struct launcher *l)
{
	double scale = scale_of(l->window);
	SDL_Rect room;

	if (SDL_GetDisplayUsableBounds(MAX(SDL_GetWindowDisplayIndex(l->window), 0), &room) < 0)
		return scale;
	scale = MIN(scale, MIN((double)room.w / WIDTH_MIN, (double)room.h / HEIGHT_MIN));
	return MAX(scale, SCALE_MIN);
}

void launcher_rescale(struct launcher *l)
{
	if (canvas_set_scale(l->canvas, fitting_scale(l)))
		SDL_SetWindowMinimumSize(l->window, canvas_px(l->canvas, WIDTH_MIN),
			canvas_px(l->canvas, HEIGHT_MIN));
}

static int open_window(struct launcher *l)
{
	SDL_Rect room;

	l->window = SDL_CreateWindow("Farseat", (int)SDL_WINDOWPOS_CENTERED,
		(int)SDL_WINDOWPOS_CENTERED, WIDTH, HEIGHT, SDL_WINDOW_RESIZABLE);
	if (!l->window || canvas_create(&l->canvas, 1) < 0) {
		fprintf(stderr, "farseat: no window: %s\n", SDL_GetError());
		return -EIO;
	}
	l->surface.window = l->window;
	SDL_SetWindowMinimumSize(l->window, WIDTH_MIN, HEIGHT_MIN);
	launcher_rescale(l);
	int width = canvas_px(l->canvas, WIDTH), height = canvas_px(l->canvas, HEIGHT);
	if (SDL_GetDisplayUsableBounds(MAX(SDL_GetWindowDisplayIndex(l->window), 0), &room) == 0) {
		width = MIN(width, room.w);
		height = MIN(height, room.h);
	}
	SDL_SetWindowSize(l->window, width, height);
	SDL_SetWindowPosition(l->window, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED);
	icon_set(l->window);
	return 0;
}

static void ask_rows(struct launcher *l)
{
	uint64_t now_ms = clock_now_ms();

	for (int i = 0; l->focused && i < l->row_count; i++)
		l->dirty |= online_step(
			&l->rows[i].online, &l->rows[i].workstation, &l->asking, now_ms);
}

/* Shows the window until something is to be opened (EXIT_OK with connect set) or it is closed. */
static int show(struct launcher *l)
{
	SDL_Event e;

	if (video_start() < 0 || open_window(l) < 0)
		return EXIT_FAILED;
	SDL_StartTextInput();
	launcher_load_rows(l);
	l->dirty = true;
	while (!l->quit && !l->connect && !termination_asked()) {
		if (l->dirty)
			launcher_draw(l);
		if (SDL_WaitEventTimeout(&e, SIGNAL_MS))
			do
				launcher_handle_event(l, &e);
			while (!l->quit && !l->connect && SDL_PollEvent(&e));
		if (l->job && enrol_job_done(l->job))
			finish_enrolment(l);
		ask_rows(l);
	}
	return EXIT_OK;
}

static void hide(struct launcher *l)
{
	canvas_destroy(l->canvas);
	l->canvas = NULL;
	surface_finish(&l->surface);
	if (l->window)
		SDL_DestroyWindow(l->window);
	l->window = NULL;
	stop_asking(l);
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

static void open_session(struct launcher *l)
{
	const struct workstation *w = &l->rows[l->selected].workstation;
	struct window_options options = { 0 };

	window_options_from(&options, w);
	if (window_run(w, &options) == EXIT_REFUSED)
		snprintf(l->message, sizeof(l->message), "%s refused this laptop.", w->name);
}

int launcher_run(const char *link)
{
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
		if (l->connect)
			open_session(l);
	} while (l->connect && !termination_asked());
	secure_wipe(l->fields, sizeof(l->fields));
	if (l->job)
		enrol_job_abandon(l->job);
	l->abandoned |= l->job != NULL;
	/* An enrolment that still runs would use what main frees. */
	if (l->abandoned)
		_Exit(status);
	free(l);
	return status;
}
