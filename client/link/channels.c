#include "client/link/link.h"

/* A line for each. */
static const struct link_channel *const channels[] = {
	&link_control_channel,
	&link_cursor_channel,
	&link_picture_channel,
	&link_files_channel,
	&link_clipboard_channel,
	&link_sound_channel,
};

void link_channels_message(struct link *l, const struct wire_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		for (size_t n = 0; n < LINK_CHANNEL_MESSAGES_MAX; n++)
			if (channels[i]->messages[n].handle &&
				channels[i]->messages[n].type == m->type) {
				channels[i]->messages[n].handle(l, m);
				return;
			}
	link_broken(l, "message %s out of turn", wire_type_name((uint8_t)m->type));
}

const struct dispatch_rule *link_channels_rule(void *owner, enum record_type type, void **self)
{
	(void)owner;
	(void)self;
	for (size_t i = 0; i < ARRAY_LEN(channels); i++) {
		const struct dispatch_rule *rule =
			dispatch_rule_of(channels[i]->records, LINK_CHANNEL_RECORDS_MAX, type);
		if (rule)
			return rule;
	}
	return NULL;
}

void link_channels_finish(struct link *l)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->finish)
			channels[i]->finish(l);
}
