/* How the launcher looks. */
#include "client/window/launcher_state.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MARGIN        28
#define ROW_HEIGHT    64
#define BUTTON_HEIGHT 40

struct pen {
	struct launcher *l;
	SDL_Surface *to;
	int width, height;
};

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

/* Draws a button with its right edge at right; returns its left edge. */
static int button(const struct pen *p, int right, int y, const char *label, int action,
	bool primary, bool enabled)
{
	int inner = canvas_text_width(p->l->canvas, TEXT_NORMAL, label);
	struct area a = { right - inner - 36, y, inner + 36, BUTTON_HEIGHT };
	bool hovered = enabled && p->l->hovered == action;
	uint32_t fill = primary && enabled ? COLOUR_ACCENT : hovered ? COLOUR_LINE : COLOUR_RAISED;
	uint32_t ink = !enabled ? COLOUR_LINE : primary ? COLOUR_ON_ACCENT : COLOUR_TEXT;

	if (hovered && primary)
		canvas_round(p->to, (struct area){ a.x - 2, a.y - 2, a.width + 4, a.height + 4 }, 8,
			COLOUR_LINE, 255);
	canvas_round(p->to, a, 6, fill, 255);
	text(p, a.x + 18, y + (BUTTON_HEIGHT - canvas_line_height(p->l->canvas, TEXT_NORMAL)) / 2,
		TEXT_NORMAL, ink, label, 0);
	if (enabled)
		target(p->l, a, action);
	return a.x;
}

/* "3 min ago", "24 Nov 14:02", "never used". */
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

static void draw_row(const struct pen *p, int i, int y)
{
	const struct launcher_row *row = &p->l->rows[i];
	struct area a = { MARGIN, y, p->width - 2 * MARGIN, ROW_HEIGHT - 8 };
	bool selected = i == p->l->selected;
	char line[INVITATION_HOST_MAX_BYTES + 80], seen[48];

	canvas_round(p->to, a, 6,
		selected || p->l->hovered == ACTION_ROW + i ? COLOUR_RAISED : COLOUR_PANEL, 255);
	if (selected)
		canvas_round(p->to, (struct area){ a.x, a.y + 8, 4, a.height - 16 }, 2,
			COLOUR_ACCENT, 255);
	seen_text(row->last_seen_s, seen);
	int right = canvas_text_width(p->l->canvas, TEXT_SMALL, seen);
	text(p, a.x + 18, y + 8, TEXT_NORMAL, COLOUR_TEXT, row->workstation.name,
		a.width - right - 60);
	snprintf(line, sizeof(line), "%s, port %u", row->workstation.host,
		(unsigned)row->workstation.port);
	text(p, a.x + 18, y + 31, TEXT_SMALL, COLOUR_QUIET, line, a.width - right - 60);
	text(p, a.x + a.width - right - 18, y + 20, TEXT_SMALL, COLOUR_QUIET, seen, 0);
	target(p->l, a, ACTION_ROW + i);
}

static void draw_message(const struct pen *p, int y)
{
	if (p->l->message[0])
		canvas_paragraph(p->l->canvas, p->to, MARGIN, y, p->width - 2 * MARGIN, TEXT_SMALL,
			COLOUR_TEXT, p->l->message);
}

static void draw_list(const struct pen *p)
{
	struct launcher *l = p->l;
	int top = MARGIN + 52;
	int bottom = p->height - MARGIN - BUTTON_HEIGHT;

	l->rows_shown = MAX((bottom - 60 - top) / ROW_HEIGHT, 1);
	l->first_shown = MAX(MIN(l->first_shown, l->selected), l->selected - l->rows_shown + 1);
	l->first_shown = MAX(l->first_shown, 0);
	if (l->row_count == 0) {
		text(p, MARGIN, top + 12, TEXT_NORMAL, COLOUR_TEXT, "No workstation is known yet.",
			0);
		canvas_paragraph(l->canvas, p->to, MARGIN, top + 42, p->width - 2 * MARGIN,
			TEXT_NORMAL, COLOUR_QUIET,
			"Run 'farseatctl invite NAME' on the workstation, or ask its administrator to, and paste the invitation here.");
	}
	for (int i = 0; i < l->rows_shown && l->first_shown + i < l->row_count; i++)
		draw_row(p, l->first_shown + i, top + i * ROW_HEIGHT);
	draw_message(p, bottom - 48);
	int left = button(
		p, p->width - MARGIN, bottom, "Connect", ACTION_CONNECT, true, l->row_count > 0);
	left = button(
		p, left - 10, bottom, "Enrol a workstation", ACTION_ENROL, l->row_count == 0, true);
	button(p, left - 10, bottom, "Remove", ACTION_REMOVE, false, l->row_count > 0);
}

static void draw_field(const struct pen *p, int y, int field, const char *label, const char *hint)
{
	struct launcher *l = p->l;
	struct area a = { MARGIN, y + 24, p->width - 2 * MARGIN, 44 };
	bool active = l->field == field && l->mode == LAUNCHER_ENROL;
	const char *content = l->fields[field];

	text(p, MARGIN, y, TEXT_SMALL, COLOUR_QUIET, label, 0);
	canvas_round(p->to, a, 6, active ? COLOUR_ACCENT : COLOUR_LINE, 255);
	canvas_round(p->to, (struct area){ a.x + 1, a.y + 1, a.width - 2, a.height - 2 }, 5,
		COLOUR_PANEL, 255);
	/* The end is what one types at: a long text shows its last part. */
	while (*content && canvas_text_width(l->canvas, TEXT_NORMAL, content) > a.width - 40)
		content++;
	int used = text(p, a.x + 14, a.y + 11, TEXT_NORMAL, *content ? COLOUR_TEXT : COLOUR_QUIET,
		*content ? content : hint, a.width - 28);
	if (active)
		canvas_fill(p->to,
			(struct area){ a.x + 15 + (*content ? used : 0), a.y + 10, 2, 24 },
			COLOUR_ACCENT);
	target(l, a, ACTION_FIELD + field);
}

static void draw_enrol(const struct pen *p)
{
	struct launcher *l = p->l;
	int top = MARGIN + 56;
	int bottom = p->height - MARGIN - BUTTON_HEIGHT;
	bool busy = l->mode == LAUNCHER_ENROLLING;

	draw_field(p, top, FIELD_INVITATION, "Invitation",
		"farseat://... from 'farseatctl invite' on the workstation");
	draw_field(p, top + 88, FIELD_NAME, "Name for it on this laptop (may stay empty)",
		"its own name");
	const char *progress = atomic_load(&l->progress);
	if (busy && progress)
		text(p, MARGIN, top + 180, TEXT_NORMAL, COLOUR_QUIET, progress,
			p->width - 2 * MARGIN);
	else
		draw_message(p, top + 180);
	int left = button(p, p->width - MARGIN, bottom, busy ? "Enrolling" : "Enrol",
		ACTION_DO_ENROL, true, !busy && l->fields[FIELD_INVITATION][0]);
	left = button(p, left - 10, bottom, "Paste", ACTION_PASTE, false, !busy);
	button(p, left - 10, bottom, "Cancel", ACTION_CANCEL, false, !busy);
}

static void draw_remove(const struct pen *p)
{
	struct launcher *l = p->l;
	char question[256];
	int bottom = p->height - MARGIN - BUTTON_HEIGHT;

	snprintf(question, sizeof(question),
		"Forget %s? This laptop's key and certificate for it are deleted; coming back takes a new invitation.",
		l->rows[l->selected].workstation.name);
	canvas_paragraph(l->canvas, p->to, MARGIN, MARGIN + 64, p->width - 2 * MARGIN, TEXT_NORMAL,
		COLOUR_TEXT, question);
	int left = button(p, p->width - MARGIN, bottom, "Remove", ACTION_DO_REMOVE, true, true);
	button(p, left - 10, bottom, "Keep", ACTION_CANCEL, false, true);
}

void launcher_draw(struct launcher *l)
{
	static const char *const titles[] = { [LAUNCHER_LIST] = "Workstations",
		[LAUNCHER_ENROL] = "Enrol a workstation",
		[LAUNCHER_ENROLLING] = "Enrol a workstation",
		[LAUNCHER_REMOVE] = "Remove" };
	struct pen p = { .l = l, .to = SDL_GetWindowSurface(l->window) };

	if (!p.to)
		return;
	p.width = p.to->w;
	p.height = p.to->h;
	l->target_count = 0;
	l->dirty = false;
	canvas_fill(p.to, (struct area){ 0, 0, p.width, p.height }, COLOUR_BACKGROUND);
	text(&p, MARGIN, MARGIN, TEXT_TITLE, COLOUR_TEXT, titles[l->mode], 0);
	if (l->mode == LAUNCHER_LIST)
		draw_list(&p);
	else if (l->mode == LAUNCHER_REMOVE)
		draw_remove(&p);
	else
		draw_enrol(&p);
	SDL_UpdateWindowSurface(l->window);
}
