/* The picture on its way from the network to the UI's memory, and the acknowledgement back. */
#pragma once

#include "client/link/decode.h"
#include "common/wire/messages.h"

struct link;

struct link_picture {
	struct wire_screen screen; /* width 0: none yet */
	struct decode decode;
	struct buffer slice; /* being assembled */
	uint32_t frame;      /* newest begun */
	bool frame_open;
	bool needs_ack; /* frames from the first on, to the last, are still to be acknowledged */
	uint32_t needs_ack_first, needs_ack_last;
	uint64_t update_received_us; /* of the frame the UI is presenting */
	uint64_t frames, bytes;      /* in all */
};

/* Starts the decoder's thread. */
int picture_init(struct link_picture *p) MUST_CHECK;

/* What the decoder has done: to the UI. */
void link_collect(struct link *l);

struct link_channel;
extern const struct link_channel link_picture_channel;
