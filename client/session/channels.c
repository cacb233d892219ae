#include "client/session/channel.h"

/* A line for each. */
static const struct connection_channel *const channels[] = {
	&connection_control_channel,
	&connection_picture_channel,
	&connection_checksum_channel,
	&connection_cursor_channel,
	&connection_clipboard_channel,
	&connection_sound_channel,
};

bool connection_channels_message(struct connection *c, const struct wire_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		for (size_t n = 0; n < CONNECTION_CHANNEL_MESSAGES_MAX; n++)
			if (channels[i]->messages[n].handle &&
				channels[i]->messages[n].type == m->type) {
				channels[i]->messages[n].handle(c, m);
				return true;
			}
	return false;
}

const struct dispatch_rule *connection_channels_rule(
	void *owner, enum record_type type, void **self)
{
	(void)owner;
	(void)self;
	for (size_t i = 0; i < ARRAY_LEN(channels); i++) {
		const struct dispatch_rule *rule = dispatch_rule_of(
			channels[i]->records, CONNECTION_CHANNEL_RECORDS_MAX, type);
		if (rule)
			return rule;
	}
	return NULL;
}

void connection_channels_ended(struct connection *c)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->ended)
			channels[i]->ended(c);
}
