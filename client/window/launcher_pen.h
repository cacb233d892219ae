/* What the launcher's pages are drawn with: lengths, words, buttons, fields, and what the mouse can hit. farseat. */
#pragma once

#include "client/window/button.h"
#include "client/window/launcher_state.h"

#define PEN_MARGIN 28 /* at scale 1 */

struct pen {
	struct launcher *l;
	SDL_Surface *to;
	int width, height; /* of the window */
	int margin;
};

/* A length of the design in pixels. */
int pen_px(const struct pen *p, int length);

/* Notes that the mouse can do this there; what was noted first lies on top. */
void pen_target(const struct pen *p, struct area area, int action);

/* One line; max_width 0: none. Returns its width. */
int pen_text(const struct pen *p, int x, int y, enum text_style style, uint32_t colour,
	const char *words, int max_width);
int pen_text_height(const struct pen *p, enum text_style style);

/* Broken into lines between the margins; returns the height. */
int pen_paragraph(
	const struct pen *p, int y, enum text_style style, uint32_t colour, const char *words);

/* What happened last, if anything. */
void pen_message(const struct pen *p, int y);

/* Where the row of buttons at the bottom begins. */
int pen_buttons_top(const struct pen *p);

/* Draws a button of that row with its right edge at right; returns where the next one ends. */
int pen_button(const struct pen *p, int right, int action, struct button b);

/* Which keys there are, left of the buttons; nothing where there is no room for all of it. */
void pen_keys(const struct pen *p, int right, const char *keys);

/* A box for text with its hint, and with the caret where it is active; a target of action. */
void pen_field(const struct pen *p, struct area a, int action, bool active, const char *content,
	const char *hint);

/* Which of count rows are shown, shown of them from first on: at the right of the window. */
void pen_scroll_bar(const struct pen *p, int top, int height, int first, int shown, int count);

/* The pages that have files of their own: launcher_list.c, launcher_settings.c. */
void launcher_list_draw(const struct pen *p);
void launcher_settings_draw(const struct pen *p);
