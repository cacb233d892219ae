#include "client/window/remote_pointer.h"

int remote_pointer_set_shape(
	struct remote_pointer *p, const struct record_cursor *record, const uint8_t *bgra)
{
	int r = cursor_shape_set(&p->shape, record, bgra);

	if (r == 0)
		p->shown = -1; /* of no picture: drawn anew */
	return r;
}

static void drop(struct remote_pointer *p)
{
	if (p->cursor)
		SDL_FreeCursor(p->cursor);
	if (p->image)
		SDL_FreeSurface(p->image);
	p->cursor = NULL;
	p->image = NULL;
}

void remote_pointer_finish(struct remote_pointer *p)
{
	drop(p);
	cursor_shape_finish(&p->shape);
}

void remote_pointer_reset(struct remote_pointer *p)
{
	p->known = false;
	p->ours = false;
	p->led = false;
	p->warped = false;
}

bool remote_pointer_scale(struct remote_pointer *p, const struct geometry *g)
{
	SDL_Surface *image;
	SDL_Point hot;

	if (p->shown == g->target.width && p->screen == g->screen_width_px)
		return false;
	if (cursor_draw(&image, &hot, &p->shape, g->target.width, g->screen_width_px) < 0)
		return false;
	SDL_Cursor *cursor = SDL_CreateColorCursor(image, hot.x, hot.y);
	if (!cursor) {
		SDL_FreeSurface(image);
		return false;
	}
	if (p->cursor && SDL_GetCursor() == p->cursor)
		SDL_SetCursor(cursor); /* freeing the one that is shown would show the default */
	drop(p);
	p->image = image;
	p->cursor = cursor;
	p->hot = hot;
	p->shown = g->target.width;
	p->screen = g->screen_width_px;
	p->version++;
	return true;
}

void remote_pointer_lead(struct remote_pointer *p, int x_px, int y_px)
{
	p->known = true;
	p->ours = true;
	p->led = true;
	p->x_px = x_px;
	p->y_px = y_px;
}

/* The middle of what the window shows of this pixel: a whole factor leads back to the same one. */
static SDL_Point in_window(const struct geometry *g, int x_px, int y_px)
{
	SDL_Point at = { g->target.x, g->target.y };

	if (g->screen_width_px > 0)
		at.x += (int)((2L * x_px + 1) * g->target.width / (2L * g->screen_width_px));
	if (g->screen_height_px > 0)
		at.y += (int)((2L * y_px + 1) * g->target.height / (2L * g->screen_height_px));
	return at;
}

bool remote_pointer_follow(
	struct remote_pointer *p, const struct geometry *g, int x_px, int y_px, bool present)
{
	SDL_Point at = in_window(g, x_px, y_px);
	struct area visible = geometry_visible(g);

	p->known = true;
	p->x_px = x_px;
	p->y_px = y_px;
	p->warped = false;
	/* Before the person moved theirs, a pointer that jumps away would only startle. */
	p->ours = present && p->led && area_has_point(visible, at.x, at.y);
	if (!p->ours)
		return false;
	p->warped = true;
	p->warp_x = at.x;
	p->warp_y = at.y;
	return true;
}

bool remote_pointer_moved(struct remote_pointer *p, int x, int y)
{
	if (p->warped && x == p->warp_x && y == p->warp_y)
		return false;
	p->warped = false;
	return true;
}

struct present_panel remote_pointer_panel(
	const struct remote_pointer *p, const struct geometry *g, bool watching)
{
	SDL_Point at = in_window(g, p->x_px, p->y_px);

	/* Ours shows it as long as nobody else moved it; and before we ever did, one is enough. */
	bool shown = watching || (p->led && !p->ours);

	if (!shown || !p->known || !p->image || !p->shape.bgra)
		return (struct present_panel){ 0 };
	return (struct present_panel){
		.surface = p->image,
		.place = { at.x - p->hot.x, at.y - p->hot.y, p->image->w, p->image->h },
		.version = p->version,
	};
}
