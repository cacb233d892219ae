/* What the UI says: memory to draw into, what was presented, and messages of the client that it
 * makes itself. */
#include "client/link/link.h"

#include "common/base/fd.h"

#include <errno.h>

/* Messages that are the UI's to make; the rest (HELLO, PROOF, acknowledgements) is made here. */
static bool is_of_ui(enum wire_type type)
{
	return (type >= WIRE_KEY && type <= WIRE_REFRESH) || type == WIRE_CHECKSUM_ASK ||
	       type == WIRE_RENEW || type == WIRE_GOODBYE;
}

static void forward(struct link *l, const struct record *r)
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
	if (l->state == LINK_OPEN && !(wire_cap_needed((uint8_t)m.type) & ~l->caps))
		link_send(l, &m);
}

static void handle(struct link *l, const struct record *r, int *fd)
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
	struct record r;
	int fd;

	while (l->state != LINK_ENDED) {
		int got = record_receive(&l->ui, &r, &fd);
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
