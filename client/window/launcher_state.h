/* What launcher.c and launcher_draw.c share; nobody else includes it. */
#pragma once

#include "client/session/enroll.h"
#include "client/window/canvas.h"

#include <pthread.h>
#include <stdatomic.h>

#define LAUNCHER_ROWS_MAX    64
#define LAUNCHER_TARGETS_MAX (LAUNCHER_ROWS_MAX + 8)

enum launcher_mode { LAUNCHER_LIST, LAUNCHER_ENROL, LAUNCHER_ENROLLING, LAUNCHER_REMOVE };

enum launcher_action {
	ACTION_NONE,
	ACTION_CONNECT,
	ACTION_ENROL,  /* opens the form */
	ACTION_REMOVE, /* asks */
	ACTION_DO_ENROL,
	ACTION_DO_REMOVE,
	ACTION_PASTE,
	ACTION_CANCEL,
	ACTION_FIELD,                  /* + field */
	ACTION_ROW = ACTION_FIELD + 8, /* + row */
};

enum launcher_field { FIELD_INVITATION, FIELD_NAME, LAUNCHER_FIELDS };

struct launcher_row {
	struct workstation workstation;
	int64_t last_seen_s;
};

struct launcher {
	SDL_Window *window;    /* owned */
	struct canvas *canvas; /* owned */
	enum launcher_mode mode;
	struct launcher_row rows[LAUNCHER_ROWS_MAX];
	int row_count, selected, first_shown, rows_shown;

	char fields[LAUNCHER_FIELDS]
		   [INVITATION_TEXT_MAX_BYTES]; /* an invitation is a secret: wiped */
	int field;                              /* that has the keyboard */
	char message[512];                      /* below; "" none */

	/* What the mouse can hit, as drawn last. */
	struct {
		struct area area;
		int action;
	} targets[LAUNCHER_TARGETS_MAX];
	int target_count;
	int hovered; /* action under the pointer */

	/* The enrolment's thread. */
	pthread_t thread;
	char thread_invitation[INVITATION_TEXT_MAX_BYTES], thread_name[WORKSTATION_NAME_MAX_BYTES];
	struct enroll_result result;
	_Atomic(const char *) progress; /* static texts */
	atomic_bool done;

	bool dirty, quit, connect;
};

/* Draws the whole window and notes the targets. */
void launcher_draw(struct launcher *l);
