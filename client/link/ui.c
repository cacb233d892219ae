/* What the UI says: memory to draw into, what was presented, and messages of the client that it
 * makes itself. */
#include "client/link/link.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/net_path.h"

#include <errno.h>
#include <string.h>

/* Messages that are the UI's to make; the rest (HELLO, PROOF, acknowledgements) is made here. */
static bool is_of_ui(enum wire_type type)
{
	return (type >= WIRE_KEY && type <= WIRE_REFRESH) || type == WIRE_CHECKSUM_ASK ||
	       type == WIRE_RENEW || type == WIRE_GOODBYE;
}

/* Follows what is held. true: an auto-repeat, which must not gather while the link stands still and
 * then come all at once (design.md, section 7). */
static bool follow_held(struct link *l, const struct wire_message *m)
{
	bool repeat = false;

	if (m->type == WIRE_KEY && m->key.evdev > 0 && m->key.evdev < LINK_EVDEV_MAX) {
		uint8_t bit = (uint8_t)(1U << (m->key.evdev & 7));
		uint8_t *byte = &l->held[m->key.evdev / 8];
		bool before = *byte & bit;
		repeat = before && m->key.down;
		if (before != m->key.down)
			l->held_count += m->key.down ? 1U : -1U;
		*byte = (uint8_t)(m->key.down ? *byte | bit : *byte & ~bit);
	} else if (m->type == WIRE_BUTTON) {
		uint32_t bit = 1U << (m->button.button & 31);
		l->held_buttons = m->button.down ? l->held_buttons | bit : l->held_buttons & ~bit;
	} else if (m->type == WIRE_RELEASE_ALL) {
		memset(l->held, 0, sizeof(l->held));
		l->held_count = 0;
		l->held_buttons = 0;
	}
	peer_hurry(&l->peer, l->held_count > 0 || l->held_buttons != 0);
	return repeat;
}

static void forward(struct link *l, const struct link_record *r)
{
	struct wire_message m;

	if (record_wire_message(&r->wire, &m) < 0 || !is_of_ui(m.type)) {
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window sent a message that is not its own");
		return;
	}
	if (m.type == WIRE_GOODBYE) {
		link_done(l, m.goodbye.code, m.goodbye.reason);
		return;
	}
	/* Before WELCOME nothing of it can be meant; and what was taken from this device meanwhile
	 * would end the session. */
	if (l->state != LINK_OPEN || (wire_cap_needed((uint8_t)m.type) & ~l->caps))
		return;
	l->forwarded_ms = clock_now_ms();
	if (!follow_held(l, &m) || !peer_stalled(&l->peer, l->forwarded_ms))
		link_send(l, &m);
}

static void check(struct link *l, const struct record_link_check *c)
{
	if (c->went && path_spare(l->peer.fd) <= 0)
		link_fail(l, (struct link_failure){ .retry = true },
			"this laptop's network address changed");
	else
		peer_suspect(&l->peer, clock_now_ms());
}

static void handle(struct link *l, const struct link_record *r, int *fd)
{
	switch ((int)r->type) {
	case RECORD_PIXELS:
		link_pixels(l, &r->pixels, *fd);
		*fd = -1;
		break;
	case RECORD_PRESENTED:
		if (l->state == LINK_OPEN)
			link_presented(l, &r->presented);
		break;
	case RECORD_LINK_CHECK:
		check(l, &r->link_check);
		break;
	case RECORD_WIRE:
		forward(l, r);
		break;
	default:
		link_fail(l, (struct link_failure){ .goodbye = WIRE_BYE_INTERNAL },
			"the window sent record %s", record_type_name((uint8_t)r->type));
	}
}

void link_ui_records(struct link *l)
{
	struct link_record r;
	int fd;

	while (l->state != LINK_ENDED) {
		int got = link_record_receive(&l->ui, &r, &fd);
		if (got == -EAGAIN)
			return;
		if (got < 0) {
			/* The window is gone: nobody is left to tell but the other end. */
			link_done(l, WIRE_BYE_CLOSED, "the window was closed");
			return;
		}
		handle(l, &r, &fd);
		fd_close(&fd);
	}
}
