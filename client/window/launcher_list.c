/* The launcher's first page: the workstations that are known. */
#include "client/window/launcher_pen.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <time.h>

#define ROW_HEIGHT 64 /* at scale 1 */

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

/* Whether it answers, where that is known, above when it was used; right is where they end. Returns
 * how much room they take. */
static int draw_news(const struct pen *p, const struct launcher_row *row, int right, int middle)
{
	int line = pen_text_height(p, TEXT_SMALL), dot = pen_px(p, 8);
	bool answers = row->online.state == ONLINE_ANSWERS;
	bool known = row->online.state != ONLINE_UNKNOWN;
	const char *state = answers ? "online" : "no answer";
	char seen[48];

	seen_text(row->last_seen_s, seen);
	int seen_width = canvas_text_width(p->l->canvas, TEXT_SMALL, seen);
	int state_width = canvas_text_width(p->l->canvas, TEXT_SMALL, state);
	pen_text(p, right - seen_width, known ? middle : middle - line / 2, TEXT_SMALL,
		COLOUR_QUIET, seen, 0);
	if (!known)
		return seen_width;
	pen_text(p, right - state_width, middle - line, TEXT_SMALL,
		answers ? COLOUR_TEXT : COLOUR_QUIET, state, 0);
	if (answers)
		canvas_round(p->to,
			(struct area){ right - state_width - 2 * dot, middle - line / 2 - dot / 2,
				dot, dot },
			dot / 2, COLOUR_ACCENT, 255);
	return MAX(seen_width, state_width + 2 * dot);
}

/* Selected: raised, with a bar. Under the pointer: a line around it. */
static void draw_frame(const struct pen *p, int i, struct area a)
{
	struct area inner = { a.x + 1, a.y + 1, a.width - 2, a.height - 2 };
	bool selected = i == p->l->selected, hovered = p->l->hovered == ACTION_ROW + i;
	uint32_t fill = selected ? COLOUR_RAISED : COLOUR_PANEL;

	canvas_round(p->to, a, pen_px(p, 6), hovered ? COLOUR_QUIET : fill, 255);
	canvas_round(p->to, inner, pen_px(p, 5), fill, 255);
	if (selected)
		canvas_round(p->to,
			(struct area){ a.x + pen_px(p, 2), a.y + pen_px(p, 8), pen_px(p, 4),
				a.height - pen_px(p, 16) },
			pen_px(p, 2), COLOUR_ACCENT, 255);
}

static void draw_row(const struct pen *p, int i, int y, int width)
{
	const struct launcher_row *row = &p->l->rows[i];
	struct area a = { p->margin, y, width, pen_px(p, ROW_HEIGHT - 8) };
	int pad = pen_px(p, 18), middle = a.y + a.height / 2;
	int normal = pen_text_height(p, TEXT_NORMAL), small = pen_text_height(p, TEXT_SMALL);
	int first = middle - (normal + small) / 2;
	char line[INVITATION_HOST_MAX_BYTES + 80];

	draw_frame(p, i, a);
	int room = a.width - 3 * pad - draw_news(p, row, a.x + a.width - pad, middle);
	pen_text(p, a.x + pad, first, TEXT_NORMAL, COLOUR_TEXT, row->workstation.name, room);
	snprintf(line, sizeof(line), "%s, port %u", row->workstation.host,
		(unsigned)row->workstation.port);
	pen_text(p, a.x + pad, first + normal, TEXT_SMALL, COLOUR_QUIET, line, room);
	pen_target(p, a, ACTION_ROW + i);
}

static void draw_no_rows(const struct pen *p, int top)
{
	pen_text(p, p->margin, top + pen_px(p, 12), TEXT_NORMAL, COLOUR_TEXT,
		"No workstation is known yet.", 0);
	canvas_paragraph(p->l->canvas, p->to, p->margin, top + pen_px(p, 42),
		p->width - 2 * p->margin, TEXT_NORMAL, COLOUR_QUIET,
		"Run 'farseatctl invite NAME' on the workstation, or ask its administrator to, and paste the invitation here.");
}

static void draw_rows(const struct pen *p, int top, int room)
{
	struct launcher *l = p->l;
	int step = pen_px(p, ROW_HEIGHT), width = p->width - 2 * p->margin;

	l->rows_shown = MAX(room / step, 1);
	l->first_shown = MAX(MIN(l->first_shown, l->selected), l->selected - l->rows_shown + 1);
	l->first_shown = MAX(l->first_shown, 0);
	if (l->row_count > l->rows_shown) {
		pen_scroll_bar(p, top, l->rows_shown * step - pen_px(p, 8), l->first_shown,
			l->rows_shown, l->row_count);
		width -= pen_px(p, 14);
	}
	for (int i = 0; i < l->rows_shown && l->first_shown + i < l->row_count; i++)
		draw_row(p, l->first_shown + i, top + i * step, width);
}

void launcher_list_draw(const struct pen *p)
{
	struct launcher *l = p->l;
	int top = p->margin + pen_px(p, 52);
	int bottom = pen_buttons_top(p);
	bool some = l->row_count > 0;

	if (some)
		draw_rows(p, top, bottom - pen_px(p, 60) - top);
	else
		draw_no_rows(p, top);
	pen_message(p, bottom - pen_px(p, 48));
	int right = pen_button(p, p->width - p->margin, ACTION_CONNECT,
		(struct button){ .label = "Connect",
			.look = some ? BUTTON_PRIMARY : BUTTON_PLAIN,
			.disabled = !some });
	right = pen_button(p, right, ACTION_ENROL,
		(struct button){ .label = "Enrol a workstation",
			.look = some ? BUTTON_PLAIN : BUTTON_PRIMARY });
	right = pen_button(
		p, right, ACTION_REMOVE, (struct button){ .label = "Remove", .disabled = !some });
	right = pen_button(p, right, ACTION_SETTINGS,
		(struct button){ .label = "Settings", .disabled = !some });
	if (!some)
		pen_keys(p, right, "E: enrol");
	else if (!l->message[0])
		pen_paragraph(p, bottom - pen_px(p, 36), TEXT_SMALL, COLOUR_QUIET,
			"Enter: connect, E: enrol, Del: remove, S: settings, F5: look again");
}
