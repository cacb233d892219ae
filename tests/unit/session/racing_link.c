/*
 * Stands in for farseat-link where the races of a picture are played: its screen changes its size
 * at any moment, and what belongs to the screen before crosses the announcement of the next, as it
 * does when the decoder's thread has just finished a frame. It keeps the rules of the real one:
 * it draws only into the memory it was given for a screen, and only while the UI does not read it.
 * Each pixel that it draws holds the screen's generation. FARSEAT_RACE: the seed.
 */
#include "common/base/log.h"
#include "common/ipc/memory.h"
#include "common/ipc/records_link.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIDE_MAX_PX 400

struct racer {
	struct ipc_channel channel;
	struct ipc_memory pixels; /* of the screen that is; none until the UI gave it */
	struct wire_screen screen;
	bool presenting;
	uint32_t frame;
	struct link_record in;
};

static unsigned any(unsigned below)
{
	return (unsigned)rand() % below;
}

static void send_record(struct racer *r, const struct link_record *record)
{
	if (link_record_send(&r->channel, record, -1) < 0)
		exit(0); /* the UI has ended this link */
}

static void send_wire(struct racer *r, const struct wire_message *m)
{
	if (record_send_wire(&r->channel, m) < 0)
		exit(0);
}

static void send_update(struct racer *r, const struct wire_screen *screen)
{
	struct link_record m = { .type = RECORD_UPDATE };
	struct record_update *u = &m.update;
	uint16_t x = (uint16_t)any(screen->width_px), y = (uint16_t)any(screen->height_px);
	uint16_t width = (uint16_t)(1 + any(screen->width_px - x));
	uint16_t height = (uint16_t)(1 + any(screen->height_px - y));

	u->generation = screen->generation;
	u->frame = ++r->frame;
	u->rects[0] = (struct record_rect){ x, y, width, height };
	u->rect_count = 1;
	r->presenting = true;
	send_record(r, &m);
}

static void draw(struct racer *r)
{
	if (!r->pixels.bytes || r->presenting)
		return;
	for (size_t i = 0; i < (size_t)r->screen.width_px * r->screen.height_px; i++)
		memcpy(r->pixels.bytes + i * 4, &r->screen.generation, 4);
	send_update(r, &r->screen);
}

static void send_checksum(struct racer *r, uint32_t generation)
{
	struct link_record m = { .type = RECORD_LINK_CHECKSUM };

	m.link_checksum.generation = generation;
	m.link_checksum.id = 1;
	m.link_checksum.settled = true;
	send_record(r, &m);
}

/* Another screen; something of the one before may come after it. */
static void change_screen(struct racer *r)
{
	struct wire_screen before = r->screen;
	bool had = r->pixels.bytes != NULL;
	struct wire_message m = { .type = WIRE_SCREEN };

	ipc_memory_finish(&r->pixels);
	r->pixels = (struct ipc_memory){ .fd = -1 };
	r->screen.generation++;
	r->screen.width_px = (uint16_t)(1 + any(SIDE_MAX_PX));
	r->screen.height_px = (uint16_t)(1 + any(SIDE_MAX_PX));
	m.screen = r->screen;
	send_wire(r, &m);
	if (had && !r->presenting && any(2))
		send_update(r, &before);
	if (had && any(4) == 0)
		send_checksum(r, before.generation);
}

static void open_session(struct racer *r)
{
	struct wire_message m = { .type = WIRE_WELCOME };
	struct link_record state = { .type = RECORD_LINK_STATE };

	m.welcome.caps = WIRE_CAPS_CONTROL;
	send_wire(r, &m);
	state.link_state.phase = RECORD_LINK_OPEN;
	send_record(r, &state);
	change_screen(r);
}

static void on_record(struct racer *r, int fd)
{
	switch ((int)r->in.type) {
	case RECORD_LINK_CONFIG:
		open_session(r);
		break;
	case RECORD_PIXELS:
		if (r->in.pixels.generation != r->screen.generation)
			break;
		if (ipc_memory_map(&r->pixels, dup(fd),
			    (size_t)r->in.pixels.stride_bytes * r->screen.height_px, true) < 0)
			abort();
		r->presenting = false;
		break;
	case RECORD_PRESENTED:
		if (r->in.presented.frame == r->frame)
			r->presenting = false;
		break;
	default:
		break;
	}
}

/* Something that happens by itself. */
static void happen(struct racer *r)
{
	unsigned what = any(100);

	if (r->screen.generation == 0)
		return; /* not begun */
	if (what < 25)
		change_screen(r);
	else if (what < 80)
		draw(r);
	else if (what < 85)
		send_checksum(r, r->screen.generation);
	else if (what == 85)
		raise(SIGKILL);
}

int main(void)
{
	static struct racer r = { .pixels = { .fd = -1 } };
	const char *seed = getenv("FARSEAT_RACE");

	log_init("racer");
	srand(seed ? (unsigned)strtoul(seed, NULL, 10) : 1);
	if (ipc_channel_init(&r.channel, 3) < 0)
		return 1;
	for (;;) {
		int fd = -1, got = ipc_wait(&r.channel, (int)any(3));
		if (got == 0)
			got = link_record_receive(&r.channel, &r.in, &fd);
		if (got == 1) {
			on_record(&r, fd);
			if (fd >= 0)
				close(fd);
		} else if (got != -EAGAIN && got != -ETIMEDOUT) {
			return 0;
		}
		happen(&r);
	}
}
