/* The session's sound: asked for here, decoded into the window's ring by farseat-link; what comes by here
 * is where streams begin and end. */
#include "client/session/channel.h"
#include "client/session/connection_state.h"

bool connection_has_sound(const struct connection *c)
{
	return c->welcomed && (c->welcome.codec_features & WIRE_FEATURE_SOUND);
}

bool connection_hear(struct connection *c, const struct ipc_memory *ring)
{
	const struct link_record record = { .type = RECORD_LINK_SOUND };
	struct wire_message m = { .type = WIRE_SOUND_WANT };

	if (!connection_has_sound(c))
		return false;
	m.sound_want.on = ring != NULL;
	if (ring && link_record_send(&c->link.channel, &record, ring->fd) < 0)
		return false; /* its end is seen on receiving */
	return connection_send(c, &m);
}

static void on_message(struct connection *c, const struct wire_message *m)
{
	if (c->events.sound)
		c->events.sound(c->user, m);
}

const struct connection_channel connection_sound_channel = {
	.name = "sound",
	.messages = { { WIRE_SOUND_START, on_message }, { WIRE_SOUND_STOP, on_message } },
};
