/* How the launcher looks. */
#include "client/window/button.h"
#include "client/window/launcher_state.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* At scale 1. */
#define MARGIN     28
#define ROW_HEIGHT 64

struct pen {
	struct launcher *l;
	SDL_Surface *to;
	int width, height; /* of the window */
	int margin;
};

static int px(const struct pen *p, int length)
{
	return canvas_px(p->l->canvas, length);
}

static void target(struct launcher *l, struct area area, int action)
{
	if (l->target_count == LAUNCHER_TARGETS_MAX)
		return;
	l->targets[l->target_count].area = area;
	l->targets[l->target_count++].action = action;
}

static int text(const struct pen *p, int x, int y, enum text_style style, uint32_t colour,
	const char *words, int max_width)
{
	return canvas_text(p->l->canvas, p->to, x, y, style, colour, words, max_width);
}

static int text_height(const struct pen *p, enum text_style style)
{
	return canvas_line_height(p->l->canvas, style);
}

/* Where the row of buttons at the bottom begins. */
static int buttons_top(const struct pen *p)
{
	return p->height - p->margin - button_height(p->l->canvas);
}

/* Draws a button of that row with its right edge at right; returns where the next one ends. */
static int place_button(const struct pen *p, int right, int action, struct button b)
{
	const struct canvas *c = p->l->canvas;
	struct area a = { 0, buttons_top(p), button_width(c, b.label), button_height(c) };

	a.x = right - a.width;
	b.hovered = p->l->hovered == action;
	button_draw(c, p->to, a, &b);
	if (!b.disabled)
		target(p->l, a, action);
	return a.x - px(p, 10);
}

/* Which keys there are, left of the buttons; nothing where there is no room for all of it. */
static void draw_keys(const struct pen *p, int right, const char *keys)
{
	int y = buttons_top(p) + (button_height(p->l->canvas) - text_height(p, TEXT_SMALL)) / 2;

	if (canvas_text_width(p->l->canvas, TEXT_SMALL, keys) <= right - p->margin)
		text(p, p->margin, y, TEXT_SMALL, COLOUR_QUIET, keys, 0);
}

/* "used 3 min ago", "used 24 Nov 2026, 14:02", "not used yet". */
static void seen_text(int64_t when_s, char out[static 48])
{
	int64_t ago = clock_wall_s() - when_s;
	time_t t = (time_t)when_s;
	struct tm tm;

	snprintf(out, 48, "not used yet");
	if (when_s <= 0)
		return;
	if (ago >= 0 && ago < 60)
		snprintf(out, 48, "used just now");
	else if (ago >= 0 && ago < 3600)
		snprintf(out, 48, "used %d min ago", (int)(ago / 60));
	else if (localtime_r(&t, &tm))
		strftime(out, 48, "used %e %b %Y, %H:%M", &tm);
}

/* Selected: raised, with a bar. Under the pointer: a line around it. */
static void draw_row(const struct pen *p, int i, int y, int width)
{
	const struct launcher_row *row = &p->l->rows[i];
	struct area a = { p->margin, y, width, px(p, ROW_HEIGHT - 8) };
	struct area inner = { a.x + 1, a.y + 1, a.width - 2, a.height - 2 };
	bool selected = i == p->l->selected, hovered = p->l->hovered == ACTION_ROW + i;
	uint32_t fill = selected ? COLOUR_RAISED : COLOUR_PANEL;
	char line[INVITATION_HOST_MAX_BYTES + 80], seen[48];
	int pad = px(p, 18);

	canvas_round(p->to, a, px(p, 6), hovered ? COLOUR_QUIET : fill, 255);
	canvas_round(p->to, inner, px(p, 5), fill, 255);
	if (selected)
		canvas_round(p->to,
			(struct area){
				a.x + px(p, 2), a.y + px(p, 8), px(p, 4), a.height - px(p, 16) },
			px(p, 2), COLOUR_ACCENT, 255);
	seen_text(row->last_seen_s, seen);
	int right = canvas_text_width(p->l->canvas, TEXT_SMALL, seen);
	int room = a.width - right - 3 * pad;
	int first = a.y + (a.height - text_height(p, TEXT_NORMAL) - text_height(p, TEXT_SMALL)) / 2;
	text(p, a.x + pad, first, TEXT_NORMAL, COLOUR_TEXT, row->workstation.name, room);
	snprintf(line, sizeof(line), "%s, port %u", row->workstation.host,
		(unsigned)row->workstation.port);
	text(p, a.x + pad, first + text_height(p, TEXT_NORMAL), TEXT_SMALL, COLOUR_QUIET, line,
		room);
	text(p, a.x + a.width - right - pad, a.y + (a.height - text_height(p, TEXT_SMALL)) / 2,
		TEXT_SMALL, COLOUR_QUIET, seen, 0);
	target(p->l, a, ACTION_ROW + i);
}

/* Which part of the rows is shown, where there are more than fit. */
static void draw_scroll_bar(const struct pen *p, int top, int height)
{
	const struct launcher *l = p->l;
	struct area track = { p->width - p->margin - px(p, 6), top, px(p, 6), height };
	struct area thumb = track;

	thumb.y += height * l->first_shown / l->row_count;
	thumb.height = MAX(height * l->rows_shown / l->row_count, px(p, 12));
	canvas_round(p->to, track, px(p, 3), COLOUR_PANEL, 255);
	canvas_round(p->to, thumb, px(p, 3), COLOUR_DISABLED, 255);
}

static void draw_message(const struct pen *p, int y)
{
	if (p->l->message[0])
		canvas_paragraph(p->l->canvas, p->to, p->margin, y, p->width - 2 * p->margin,
			TEXT_SMALL, COLOUR_TEXT, p->l->message);
}

static void draw_no_rows(const struct pen *p, int top)
{
	text(p, p->margin, top + px(p, 12), TEXT_NORMAL, COLOUR_TEXT,
		"No workstation is known yet.", 0);
	canvas_paragraph(p->l->canvas, p->to, p->margin, top + px(p, 42), p->width - 2 * p->margin,
		TEXT_NORMAL, COLOUR_QUIET,
		"Run 'farseatctl invite NAME' on the workstation, or ask its administrator to, and paste the invitation here.");
}

static void draw_rows(const struct pen *p, int top, int room)
{
	struct launcher *l = p->l;
	int step = px(p, ROW_HEIGHT), width = p->width - 2 * p->margin;

	l->rows_shown = MAX(room / step, 1);
	l->first_shown = MAX(MIN(l->first_shown, l->selected), l->selected - l->rows_shown + 1);
	l->first_shown = MAX(l->first_shown, 0);
	if (l->row_count > l->rows_shown) {
		draw_scroll_bar(p, top, l->rows_shown * step - px(p, 8));
		width -= px(p, 14);
	}
	for (int i = 0; i < l->rows_shown && l->first_shown + i < l->row_count; i++)
		draw_row(p, l->first_shown + i, top + i * step, width);
}

static void draw_list(const struct pen *p)
{
	struct launcher *l = p->l;
	int top = p->margin + px(p, 52);
	int bottom = buttons_top(p);
	bool some = l->row_count > 0;

	if (some)
		draw_rows(p, top, bottom - px(p, 60) - top);
	else
		draw_no_rows(p, top);
	draw_message(p, bottom - px(p, 48));
	int right = place_button(p, p->width - p->margin, ACTION_CONNECT,
		(struct button){ .label = "Connect",
			.look = some ? BUTTON_PRIMARY : BUTTON_PLAIN,
			.disabled = !some });
	right = place_button(p, right, ACTION_ENROL,
		(struct button){ .label = "Enrol a workstation",
			.look = some ? BUTTON_PLAIN : BUTTON_PRIMARY });
	right = place_button(
		p, right, ACTION_REMOVE, (struct button){ .label = "Remove", .disabled = !some });
	draw_keys(p, right, some ? "Enter: connect, E: enrol, Del: remove" : "E: enrol");
}

static void draw_field(const struct pen *p, int y, int field, const char *label, const char *hint)
{
	struct launcher *l = p->l;
	struct area a = { p->margin, y + px(p, 24), p->width - 2 * p->margin, px(p, 44) };
	bool active = l->field == field && l->mode == LAUNCHER_ENROL;
	const char *content = l->fields[field];
	int pad = px(p, 14), line = text_height(p, TEXT_NORMAL);
	int middle = a.y + (a.height - line) / 2;

	text(p, p->margin, y, TEXT_SMALL, COLOUR_QUIET, label, 0);
	canvas_round(p->to, a, px(p, 6), active ? COLOUR_ACCENT : COLOUR_LINE, 255);
	canvas_round(p->to, (struct area){ a.x + 1, a.y + 1, a.width - 2, a.height - 2 }, px(p, 5),
		COLOUR_PANEL, 255);
	/* The end is what one types at: a long text shows its last part, of whole characters. */
	while (*content && canvas_text_width(l->canvas, TEXT_NORMAL, content) > a.width - 3 * pad)
		do
			content++;
		while (((unsigned char)*content & 0xc0) == 0x80);
	int caret = a.x + pad;
	if (*content)
		caret += text(p, caret, middle, TEXT_NORMAL, COLOUR_TEXT, content, 0) + px(p, 1);
	else
		text(p, caret + px(p, 6), middle, TEXT_NORMAL, COLOUR_DISABLED, hint,
			a.width - 2 * pad - px(p, 6));
	if (active)
		canvas_fill(p->to, (struct area){ caret, middle, px(p, 2), line }, COLOUR_ACCENT);
	target(l, a, ACTION_FIELD + field);
}

static void draw_enrol(const struct pen *p)
{
	struct launcher *l = p->l;
	int top = p->margin + px(p, 56);
	bool busy = l->mode == LAUNCHER_ENROLLING;
	char step[128];

	draw_field(p, top, FIELD_INVITATION, "Invitation",
		"farseat://... from 'farseatctl invite' on the workstation");
	draw_field(p, top + px(p, 88), FIELD_NAME, "Name for it on this laptop (may stay empty)",
		"its own name");
	if (busy) {
		snprintf(step, sizeof(step), "%s ...", enrol_job_step(l->job));
		text(p, p->margin, top + px(p, 180), TEXT_NORMAL, COLOUR_TEXT, step,
			p->width - 2 * p->margin);
	} else {
		draw_message(p, top + px(p, 180));
	}
	bool ready = !busy && l->fields[FIELD_INVITATION][0];
	int right = place_button(p, p->width - p->margin, ACTION_DO_ENROL,
		(struct button){ .label = busy ? "Enrolling" : "Enrol",
			.look = ready ? BUTTON_PRIMARY : BUTTON_PLAIN,
			.disabled = !ready });
	right = place_button(
		p, right, ACTION_PASTE, (struct button){ .label = "Paste", .disabled = busy });
	right = place_button(p, right, ACTION_CANCEL, (struct button){ .label = "Cancel" });
	draw_keys(p, right, busy ? "Esc: cancel" : "Tab: next field, Enter: enrol, Esc: back");
}

static void draw_remove(const struct pen *p)
{
	struct launcher *l = p->l;
	char question[256];

	snprintf(question, sizeof(question),
		"Forget %s? This laptop's key and certificate for it are deleted; coming back takes a new invitation.",
		l->rows[l->selected].workstation.name);
	canvas_paragraph(l->canvas, p->to, p->margin, p->margin + px(p, 64),
		p->width - 2 * p->margin, TEXT_NORMAL, COLOUR_TEXT, question);
	int right = place_button(p, p->width - p->margin, ACTION_DO_REMOVE,
		(struct button){
			.label = "Remove", .look = BUTTON_DANGER, .focused = l->remove_focused });
	right = place_button(p, right, ACTION_CANCEL,
		(struct button){ .label = "Keep", .focused = !l->remove_focused });
	draw_keys(p, right, "Tab: other button, Enter: press it");
}

void launcher_draw(struct launcher *l)
{
	static const char *const titles[] = { [LAUNCHER_LIST] = "Workstations",
		[LAUNCHER_ENROL] = "Enrol a workstation",
		[LAUNCHER_ENROLLING] = "Enrol a workstation",
		[LAUNCHER_REMOVE] = "Remove" };
	struct pen p = { .l = l, .to = surface_begin(&l->surface) };
	SDL_Rect whole;

	if (!p.to) {
		log_error("the window has no surface to draw to: %s", SDL_GetError());
		return;
	}
	p.width = p.to->w;
	p.height = p.to->h;
	p.margin = px(&p, MARGIN);
	l->target_count = 0;
	l->dirty = false;
	canvas_fill(p.to, (struct area){ 0, 0, p.width, p.height }, COLOUR_BACKGROUND);
	text(&p, p.margin, p.margin, TEXT_TITLE, COLOUR_TEXT, titles[l->mode], 0);
	if (l->mode == LAUNCHER_LIST)
		draw_list(&p);
	else if (l->mode == LAUNCHER_REMOVE)
		draw_remove(&p);
	else
		draw_enrol(&p);
	whole = (SDL_Rect){ 0, 0, p.width, p.height };
	if (surface_end(&l->surface, &whole, 1) < 0)
		log_error("the window cannot be drawn: %s", SDL_GetError());
}
