/* Checksums of the picture, by which both ends prove that it is exact (D-EXACT). */
#include "client/session/channel.h"

static int on_checksum(void *owner, const void *body, int *fd)
{
	struct connection *c = owner;
	struct record_link_checksum answer = *(const struct record_link_checksum *)body;
	enum picture_age age = connection_picture_age(c, answer.generation);

	(void)fd;
	if (age == PICTURE_COMING)
		connection_swap_picture(c); /* it is black on purpose: nothing was drawn */
	else if (age == PICTURE_OLD)
		answer.settled = false; /* the question is asked again for the coming picture */
	if (c->events.checksum)
		c->events.checksum(c->user, &answer);
	return 0;
}

const struct connection_channel connection_checksum_channel = {
	.name = "checksum",
	.records = { { RECORD_LINK_CHECKSUM, DISPATCH_ALWAYS, on_checksum, 0 } },
};
