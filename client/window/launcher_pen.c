#include "client/window/launcher_pen.h"

#define BUTTON_GAP 10 /* at scale 1 */

int pen_px(const struct pen *p, int length)
{
	return canvas_px(p->l->canvas, length);
}

void pen_target(const struct pen *p, struct area area, int action)
{
	struct launcher *l = p->l;

	if (l->target_count == LAUNCHER_TARGETS_MAX)
		return;
	l->targets[l->target_count].area = area;
	l->targets[l->target_count++].action = action;
}

int pen_text(const struct pen *p, int x, int y, enum text_style style, uint32_t colour,
	const char *words, int max_width)
{
	return canvas_text(p->l->canvas, p->to, x, y, style, colour, words, max_width);
}

int pen_text_height(const struct pen *p, enum text_style style)
{
	return canvas_line_height(p->l->canvas, style);
}

int pen_paragraph(
	const struct pen *p, int y, enum text_style style, uint32_t colour, const char *words)
{
	return canvas_paragraph(
		p->l->canvas, p->to, p->margin, y, p->width - 2 * p->margin, style, colour, words);
}

void pen_message(const struct pen *p, int y)
{
	if (p->l->message[0])
		pen_paragraph(p, y, TEXT_SMALL, COLOUR_TEXT, p->l->message);
}

int pen_buttons_top(const struct pen *p)
{
	return p->height - p->margin - button_height(p->l->canvas);
}

int pen_button(const struct pen *p, int right, int action, struct button b)
{
	const struct canvas *c = p->l->canvas;
	struct area a = { 0, pen_buttons_top(p), button_width(c, b.label), button_height(c) };

	a.x = right - a.width;
	b.hovered = p->l->hovered == action;
	button_draw(c, p->to, a, &b);
	if (!b.disabled)
		pen_target(p, a, action);
	return a.x - pen_px(p, BUTTON_GAP);
}

void pen_keys(const struct pen *p, int right, const char *keys)
{
	int y = pen_buttons_top(p) +
		(button_height(p->l->canvas) - pen_text_height(p, TEXT_SMALL)) / 2;

	if (canvas_text_width(p->l->canvas, TEXT_SMALL, keys) <= right - p->margin)
		pen_text(p, p->margin, y, TEXT_SMALL, COLOUR_QUIET, keys, 0);
}

void pen_field(const struct pen *p, struct area a, int action, bool active, const char *content,
	const char *hint)
{
	int pad = pen_px(p, 14), line = pen_text_height(p, TEXT_NORMAL);
	int middle = a.y + (a.height - line) / 2, caret = a.x + pad;

	canvas_round(p->to, a, pen_px(p, 6), active ? COLOUR_ACCENT : COLOUR_LINE, 255);
	canvas_round(p->to, (struct area){ a.x + 1, a.y + 1, a.width - 2, a.height - 2 },
		pen_px(p, 5), COLOUR_PANEL, 255);
	/* The end is what one types at: a long text shows its last part, of whole characters. */
	while (*content &&
		canvas_text_width(p->l->canvas, TEXT_NORMAL, content) > a.width - 3 * pad)
		do
			content++;
		while (((unsigned char)*content & 0xc0) == 0x80);
	if (*content)
		caret += pen_text(p, caret, middle, TEXT_NORMAL, COLOUR_TEXT, content, 0) +
			 pen_px(p, 1);
	else
		pen_text(p, caret + pen_px(p, 6), middle, TEXT_NORMAL, COLOUR_DISABLED, hint,
			a.width - 2 * pad - pen_px(p, 6));
	if (active)
		canvas_fill(
			p->to, (struct area){ caret, middle, pen_px(p, 2), line }, COLOUR_ACCENT);
	pen_target(p, a, action);
}

void pen_scroll_bar(const struct pen *p, int top, int height, int first, int shown, int count)
{
	struct area track = { p->width - p->margin - pen_px(p, 6), top, pen_px(p, 6), height };
	struct area thumb = track;

	thumb.y += height * first / count;
	thumb.height = MAX(height * shown / count, pen_px(p, 12));
	canvas_round(p->to, track, pen_px(p, 3), COLOUR_PANEL, 255);
	canvas_round(p->to, thumb, pen_px(p, 3), COLOUR_DISABLED, 255);
}
