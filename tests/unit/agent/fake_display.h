/* A display that is none: a picture in memory, and a list of what came to its input. The second
 * implementation of display.h; the test is its person and its programs. */
#pragma once

#include "server/agent/display.h"

#define FAKE_WIDTH_PX  640
#define FAKE_HEIGHT_PX 480

struct fake_display {
	struct display base;
	int event_fd;    /* owned */
	uint32_t *shown; /* owned; what stands on it */
	char written[1024];
	unsigned captures, looks, resizes, layouts_read, dispatched;
	bool in_use;
	bool slow;         /* captures end by fake_finish_capture alone */
	bool fail_capture; /* the next one */
	bool capturing, looking;
	struct record_rect rects[RECORD_RECTS_MAX];
	size_t rect_count;
};

extern const struct display_impl fake_display_impl;

/* How the next ones are opened. */
struct fake_opening {
	bool late; /* by fake_open, or never */
	bool resizable;
	bool trusted; /* has no look: its damage is all there is */
};
extern struct fake_opening fake_opening;

/* The one that the agent made last. */
extern struct fake_display *fake;

void fake_open(void);
/* A program draws a rectangle; tells: as damage. */
void fake_draw(struct record_rect r, uint32_t colour, bool tells);
void fake_finish_capture(void);
void fake_resize(uint16_t width_px, uint16_t height_px);
/* Whether memory is what it shows. */
bool fake_is_captured(void);
