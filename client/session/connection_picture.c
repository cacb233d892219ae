/* The pixels that farseat-link draws into, and which picture is the one that is shown. */
#include "client/session/channel.h"

#include "common/base/clock.h"
#include "common/base/log.h"

/* A picture that never changes from black brings no update: show it then. */
#define BLANK_AFTER_MS 500

static void forget_coming(struct connection *c)
{
	ipc_memory_finish(&c->coming);
	c->coming = (struct ipc_memory){ .fd = -1 };
	c->blank_at_ms = 0;
}

enum picture_age connection_picture_age(const struct connection *c, uint32_t generation)
{
	if (c->coming.bytes)
		return generation == c->coming_generation ? PICTURE_COMING : PICTURE_OLD;
	return c->shown_live && generation == c->shown_generation ? PICTURE_SHOWN : PICTURE_OLD;
}

void connection_swap_picture(struct connection *c)
{
	if (!c->coming.bytes)
		return;
	ipc_memory_finish(&c->shown);
	c->shown = c->coming;
	c->coming = (struct ipc_memory){ .fd = -1 };
	c->blank_at_ms = 0;
	c->picture = c->next;
	c->shown_generation = c->coming_generation;
	c->shown_live = true;
	c->lost_by = 0;
	c->picture.updated_ms = clock_now_ms();
	if (c->events.screen)
		c->events.screen(c->user);
}

static void on_screen(struct connection *c, const struct wire_message *m)
{
	const struct wire_screen *s = &m->screen;
	struct link_record answer = { .type = RECORD_PIXELS };
	size_t stride = (size_t)s->width_px * 4;

	forget_coming(c);
	int r = ipc_memory_create(&c->coming, "farseat-pixels", stride * s->height_px);
	if (r < 0) {
		connection_say(c, "not enough memory for the picture",
			"Close other programs and connect again.");
		connection_end_link(c, OUTCOME_FAILED, 0);
		return;
	}
	c->next = (struct connection_picture){ .pixels = c->coming.bytes, .stride_bytes = stride };
	c->coming_generation = s->generation;
	c->next.width_px = s->width_px;
	c->next.height_px = s->height_px;
	c->next.resizable = s->resizable;
	c->blank_at_ms = clock_now_ms() + BLANK_AFTER_MS;
	c->presenting = false;
	answer.pixels.generation = s->generation;
	answer.pixels.stride_bytes = (uint32_t)stride;
	/* Its end is seen on receiving. */
	if (link_record_send(&c->link.channel, &answer, c->coming.fd) < 0)
		log_debug("farseat-link does not take the picture's memory");
}

static int on_update(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	const struct record_update *u = body;
	enum picture_age age = connection_picture_age(c, u->generation);
	const struct connection_picture *p = age == PICTURE_COMING ? &c->next : &c->picture;

	(void)fd;
	if (age == PICTURE_OLD) {
		/* The answer lets the link go on, and the workstation counts the frame as seen. */
		connection_presented(c, u->frame, 0);
		return 0;
	}
	for (size_t i = 0; i < u->rect_count; i++) {
		const struct record_rect *r = &u->rects[i];
		if (!p->pixels || r->x_px + r->width_px > p->width_px ||
			r->y_px + r->height_px > p->height_px) {
			connection_distrust(c, "an update outside the picture");
			return 0;
		}
	}
	if (c->presenting) {
		connection_distrust(c, "an update before the last one was shown");
		return 0;
	}
	c->presenting = true;
	if (age == PICTURE_COMING)
		connection_swap_picture(c);
	c->picture.updated_ms = clock_now_ms();
	if (c->events.update)
		c->events.update(c->user, u);
	return 0;
}

const struct connection_picture *connection_picture(const struct connection *c)
{
	return &c->picture;
}

void connection_presented(struct connection *c, uint32_t frame, uint32_t present_us)
{
	struct link_record record = { .type = RECORD_PRESENTED };

	c->presenting = false;
	record.presented.frame = frame;
	record.presented.present_us = present_us;
	if (c->link.channel.fd >= 0 && link_record_send(&c->link.channel, &record, -1) < 0)
		log_debug("farseat-link does not listen"); /* its end is seen on receiving */
}

static void ended(struct connection *c)
{
	forget_coming(c);
	c->shown_live = false;
	c->presenting = false;
}

const struct connection_channel connection_picture_channel = {
	.name = "picture",
	.messages = { { WIRE_SCREEN, on_screen } },
	.records = { { RECORD_UPDATE, DISPATCH_ALWAYS, on_update, 0 } },
	.ended = ended,
};
