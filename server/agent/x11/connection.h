/*
 * The connection to the X server and the extensions that the agent needs. Runs in farseat-agent, in
 * the session, as its user: the server and what it says are trusted as far as the session is; what
 * it says is still range-checked.
 */
#pragma once

#include "server/agent/display.h"

#include <stdbool.h>
#include <stdint.h>
#include <xcb/xcb.h>

struct x11 {
	xcb_connection_t *connection; /* owned; NULL: closed */
	xcb_window_t root;
	uint16_t width_px, height_px;
	uint8_t depth;
	uint8_t damage_event, xfixes_event, randr_event, xkb_event; /* first event of each */
	uint8_t xinput_opcode;                                      /* 0: not there */
	bool has_randr, shm_by_fd;
	bool virtual_screen; /* a screen of our own, which may be resized */
};

/*
 * Connects and checks what is there: Damage, XFixes, XTest, XKB, 32 bits a pixel in BGRX order. On
 * failure a sentence for the administrator is written to reason. -ECONNREFUSED, -ENOTSUP, -ENOMEM.
 */
int x11_open(
	struct x11 *x, const char *display, char reason[static DISPLAY_REASON_BYTES]) MUST_CHECK;
void x11_close(struct x11 *x);

/* Asks for the screen's size (waits for the answer). -EIO. */
int x11_read_size(struct x11 *x) MUST_CHECK;

/* An atom by name, made if needed (waits); XCB_ATOM_NONE on failure. */
xcb_atom_t x11_atom(struct x11 *x, const char *name);

/* The low bits in which events name their kind. */
uint8_t x11_event_kind(const xcb_generic_event_t *event);
