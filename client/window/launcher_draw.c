/* How the launcher looks. */
#include "client/window/launcher_pen.h"

#include "common/base/log.h"

#include <stdio.h>

static void draw_field(const struct pen *p, int y, int field, const char *label, const char *hint)
{
	const struct launcher *l = p->l;
	struct area a = { p->margin, y + pen_px(p, 24), p->width - 2 * p->margin, pen_px(p, 44) };

	pen_text(p, p->margin, y, TEXT_SMALL, COLOUR_QUIET, label, 0);
	pen_field(p, a, ACTION_FIELD + field, l->field == field && l->mode == LAUNCHER_ENROL,
		l->fields[field], hint);
}

static void draw_enrol(const struct pen *p)
{
	struct launcher *l = p->l;
	int top = p->margin + pen_px(p, 56);
	bool busy = l->mode == LAUNCHER_ENROLLING;
	char step[128];

	draw_field(p, top, FIELD_INVITATION, "Invitation",
		"farseat://... from 'farseatctl invite' on the workstation");
	draw_field(p, top + pen_px(p, 88), FIELD_NAME,
		"Name for it on this laptop (may stay empty)", "its own name");
	if (busy) {
		snprintf(step, sizeof(step), "%s ...", enrol_job_step(l->job));
		pen_text(p, p->margin, top + pen_px(p, 180), TEXT_NORMAL, COLOUR_TEXT, step,
			p->width - 2 * p->margin);
	} else {
		pen_message(p, top + pen_px(p, 180));
	}
	bool ready = !busy && l->fields[FIELD_INVITATION][0];
	int right = pen_button(p, p->width - p->margin, ACTION_DO_ENROL,
		(struct button){ .label = busy ? "Enrolling" : "Enrol",
			.look = ready ? BUTTON_PRIMARY : BUTTON_PLAIN,
			.disabled = !ready });
	right = pen_button(
		p, right, ACTION_PASTE, (struct button){ .label = "Paste", .disabled = busy });
	right = pen_button(p, right, ACTION_CANCEL, (struct button){ .label = "Cancel" });
	pen_keys(p, right, busy ? "Esc: cancel" : "Tab: next field, Enter: enrol, Esc: back");
}

static void draw_remove(const struct pen *p)
{
	struct launcher *l = p->l;
	char question[256];

	snprintf(question, sizeof(question),
		"Forget %s? This laptop's key and certificate for it are deleted; coming back takes a new invitation.",
		l->rows[l->selected].workstation.name);
	canvas_paragraph(l->canvas, p->to, p->margin, p->margin + pen_px(p, 64),
		p->width - 2 * p->margin, TEXT_NORMAL, COLOUR_TEXT, question);
	int right = pen_button(p, p->width - p->margin, ACTION_DO_REMOVE,
		(struct button){
			.label = "Remove", .look = BUTTON_DANGER, .focused = l->remove_focused });
	right = pen_button(p, right, ACTION_CANCEL,
		(struct button){ .label = "Keep", .focused = !l->remove_focused });
	pen_keys(p, right, "Tab: other button, Enter: press it");
}

void launcher_draw(struct launcher *l)
{
	static const char *const titles[] = { [LAUNCHER_LIST] = "Workstations",
		[LAUNCHER_ENROL] = "Enrol a workstation",
		[LAUNCHER_ENROLLING] = "Enrol a workstation",
		[LAUNCHER_REMOVE] = "Remove",
		[LAUNCHER_SETTINGS] = "Settings of " };
	struct pen p = { .l = l, .to = surface_begin(&l->surface) };
	SDL_Rect whole;

	if (!p.to) {
		log_error("the window has no surface to draw to: %s", SDL_GetError());
		return;
	}
	p.width = p.to->w;
	p.height = p.to->h;
	p.margin = pen_px(&p, PEN_MARGIN);
	l->target_count = 0;
	l->dirty = false;
	canvas_fill(p.to, (struct area){ 0, 0, p.width, p.height }, COLOUR_BACKGROUND);
	int title = pen_text(&p, p.margin, p.margin, TEXT_TITLE, COLOUR_TEXT, titles[l->mode], 0);
	if (l->mode == LAUNCHER_SETTINGS)
		pen_text(&p, p.margin + title, p.margin, TEXT_TITLE, COLOUR_TEXT,
			l->settings.before.name, p.width - 2 * p.margin - title);
	if (l->mode == LAUNCHER_LIST)
		launcher_list_draw(&p);
	else if (l->mode == LAUNCHER_SETTINGS)
		launcher_settings_draw(&p);
	else if (l->mode == LAUNCHER_REMOVE)
		draw_remove(&p);
	else
		draw_enrol(&p);
	whole = (SDL_Rect){ 0, 0, p.width, p.height };
	if (surface_end(&l->surface, &whole, 1) < 0)
		log_error("the window cannot be drawn: %s", SDL_GetError());
}
