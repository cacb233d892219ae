/* What the files launcher*.c share; nobody else includes it. */
#pragma once

#include "client/window/canvas.h"
#include "client/window/enrol_job.h"
#include "client/window/online.h"
#include "client/window/settings_form.h"
#include "client/window/surface.h"

#define LAUNCHER_ROWS_MAX  64
#define LAUNCHER_WORDS_MAX 8 /* of one choice */
/* The rows, or the settings with their words; and the buttons. */
#define LAUNCHER_TARGETS_MAX (MAX(LAUNCHER_ROWS_MAX, SETTINGS_MAX * (1 + LAUNCHER_WORDS_MAX)) + 8)

enum launcher_mode {
	LAUNCHER_LIST,
	LAUNCHER_ENROL,
	LAUNCHER_ENROLLING,
	LAUNCHER_REMOVE,
	LAUNCHER_SETTINGS,
};

enum launcher_action {
	ACTION_NONE,
	ACTION_CONNECT,
	ACTION_ENROL,  /* opens the form */
	ACTION_REMOVE, /* asks */
	ACTION_DO_ENROL,
	ACTION_DO_REMOVE,
	ACTION_PASTE,
	ACTION_CANCEL,
	ACTION_SETTINGS, /* opens the form */
	ACTION_DO_SETTINGS,
	ACTION_FIELD,                                 /* + field, or setting */
	ACTION_ROW = ACTION_FIELD + SETTINGS_MAX,     /* + row */
	ACTION_WORD = ACTION_ROW + LAUNCHER_ROWS_MAX, /* + setting * LAUNCHER_WORDS_MAX + word */
};

enum launcher_field { FIELD_INVITATION, FIELD_NAME, LAUNCHER_FIELDS };

struct launcher_row {
	struct workstation workstation;
	int64_t last_seen_s;
	struct online online;
};

struct launcher {
	SDL_Window *window; /* owned */
	struct surface surface;
	struct canvas *canvas; /* owned */
	enum launcher_mode mode;
	struct launcher_row rows[LAUNCHER_ROWS_MAX];
	int row_count, selected, first_shown, rows_shown;
	int asking;   /* how many workstations are asked whether they answer */
	bool focused; /* only then they are asked */

	/* An invitation is a secret: wiped. */
	char fields[LAUNCHER_FIELDS][INVITATION_TEXT_MAX_BYTES];
	int field; /* that has the keyboard */
	struct settings_form settings;
	int first_setting;   /* that is shown */
	bool remove_focused; /* when asked whether to remove; else "Keep" has the keyboard */
	char message[512];   /* below; "" none */

	/* What the mouse can hit, as drawn last. */
	struct {
		struct area area;
		int action;
	} targets[LAUNCHER_TARGETS_MAX];
	int target_count;
	int hovered; /* action under the pointer */

	struct enrol_job *job; /* owned; NULL: none runs */
	bool abandoned;        /* a job was given up, and may still run */

	bool dirty, quit, connect;
};

/* Draws the whole window and notes the targets. */
void launcher_draw(struct launcher *l);

/* launcher_events.c: what the person does. */
void launcher_handle_event(struct launcher *l, const SDL_Event *e);
void launcher_act(struct launcher *l, int action);
/* The laptop's clipboard, to where one types. */
void launcher_paste(struct launcher *l);

/* launcher_settings.c: its page's keys, text, and clicks on a field or a word. */
void launcher_settings_key(struct launcher *l, const SDL_Keysym *key);
void launcher_settings_type(struct launcher *l, const char *text);
void launcher_settings_press(struct launcher *l, int action);

/* launcher.c */
void launcher_set_mode(struct launcher *l, enum launcher_mode mode);
void launcher_load_rows(struct launcher *l);
void launcher_start_enrolment(struct launcher *l);
void launcher_give_up_enrolment(struct launcher *l);
void launcher_remove_selected(struct launcher *l);
void launcher_open_settings(struct launcher *l);
void launcher_keep_settings(struct launcher *l);
/* The window's display has another scale, perhaps. */
void launcher_rescale(struct launcher *l);
