/*
 * Drawing our own few controls and texts into SDL surfaces: one palette, filled shapes, text in a
 * font that fontconfig finds. Where there is no font the shapes remain and nothing fails. farseat.
 */
#pragma once

#include "client/window/area.h"

#include <SDL.h>
#include <stdint.h>

/* 0xRRGGBB: calm and dark, with one accent. */
#define COLOUR_BACKGROUND 0x16191dU
#define COLOUR_PANEL      0x20252bU
#define COLOUR_RAISED     0x2b323aU
#define COLOUR_LINE       0x3a434dU
#define COLOUR_TEXT       0xe8ebeeU
#define COLOUR_QUIET      0x9aa5b1U
#define COLOUR_ACCENT     0x3fa796U
#define COLOUR_ON_ACCENT  0x0d1513U
#define COLOUR_DANGER     0xd0605eU /* what cannot be taken back */
#define COLOUR_DISABLED   0x717b86U /* can be read, cannot be used: 3.4 to 1 on COLOUR_RAISED */

enum text_style { TEXT_SMALL, TEXT_NORMAL, TEXT_TITLE, TEXT_MONO, TEXT_STYLES };

/*
 * Fonts, and the scale that all of ours is drawn at (scale.h). -ENOMEM; without fonts text is not
 * drawn.
 */
struct canvas;
int canvas_create(struct canvas **out, double scale) MUST_CHECK;
void canvas_destroy(struct canvas *c); /* NULL is fine */

/* Whether it changed anything: then all that was drawn has another size now. */
bool canvas_set_scale(struct canvas *c, double scale);

/* A length of the design, which is for 96 dpi, in pixels; at least 1 where it is more than 0. */
int canvas_px(const struct canvas *c, int length);

/* A surface of ARGB pixels, transparent. NULL: no memory. */
SDL_Surface *canvas_surface(int width, int height);

void canvas_fill(SDL_Surface *s, struct area a, uint32_t colour);
/* With round corners, alpha 0 .. 255. */
void canvas_round(SDL_Surface *s, struct area a, int radius, uint32_t colour, uint8_t alpha);

int canvas_line_height(const struct canvas *c, enum text_style style);
int canvas_text_width(const struct canvas *c, enum text_style style, const char *text);
/*
 * Draws one line with its left top corner at x, y; cut with an ellipsis at max_width (0: none).
 * Returns its width.
 */
int canvas_text(const struct canvas *c, SDL_Surface *s, int x, int y, enum text_style style,
	uint32_t colour, const char *text, int max_width);
/* Draws text broken into lines at spaces; returns the height. s NULL only measures. */
int canvas_paragraph(const struct canvas *c, SDL_Surface *s, int x, int y, int width,
	enum text_style style, uint32_t colour, const char *text);
