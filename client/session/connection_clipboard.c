/* The clipboard's messages, which pass unread between the link and the window: what they mean is the
 * exchange's matter (common/clipboard/exchange.h). */
#include "client/session/channel.h"
#include "client/session/connection_state.h"

bool connection_has_clipboard(const struct connection *c)
{
	return c->welcomed && (c->welcome.codec_features & WIRE_FEATURE_CLIPBOARD);
}

static void on_message(struct connection *c, const struct wire_message *m)
{
	if (c->events.clipboard && c->events.clipboard(c->user, m) < 0)
		connection_distrust(c, "what cannot be of the clipboard");
}

static int on_unsent(void *owner, const void *body, int *fd)
{
	const struct connection *c = owner;
	const struct record_link_unsent *unsent = body;

	(void)fd; /* the link passes none */
	if (c->events.clipboard_unsent)
		c->events.clipboard_unsent(c->user, unsent);
	return 0;
}

const struct connection_channel connection_clipboard_channel = {
	.name = "clipboard",
	.messages = { { WIRE_CLIPBOARD_OFFER, on_message }, { WIRE_CLIPBOARD_WITHDRAW, on_message },
		{ WIRE_CLIPBOARD_ASK, on_message }, { WIRE_CLIPBOARD_DATA, on_message },
		{ WIRE_CLIPBOARD_MORE, on_message }, { WIRE_CLIPBOARD_STOP, on_message } },
	.records = { { RECORD_LINK_UNSENT, DISPATCH_ALWAYS, on_unsent, 0 } },
};
