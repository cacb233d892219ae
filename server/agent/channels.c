#include "server/agent/agent.h"
#include "server/agent/channel.h"

/* A line for each, in the order in which a viewer that comes is told of them. */
static const struct viewer_channel *const channels[] = {
	&viewer_picture_channel,
	&viewer_cursor_channel,
	&viewer_input_channel,
	&viewer_clipboard_channel,
};

void viewer_channels_message(struct viewer *v, const struct wire_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		for (size_t n = 0; n < VIEWER_CHANNEL_MESSAGES_MAX; n++)
			if (channels[i]->messages[n].handle &&
				channels[i]->messages[n].type == m->type) {
				if (channels[i]->stirs) {
					frames_stirred(&v->agent->frames);
					viewer_clipboard_stirred(v);
				}
				channels[i]->messages[n].handle(v, m);
				return;
			}
}

const struct dispatch_rule *viewer_channels_rule(void *owner, enum record_type type, void **self)
{
	(void)owner;
	(void)self;
	for (size_t i = 0; i < ARRAY_LEN(channels); i++) {
		const struct dispatch_rule *rule =
			dispatch_rule_of(channels[i]->records, VIEWER_CHANNEL_RECORDS_MAX, type);
		if (rule)
			return rule;
	}
	return NULL;
}

void viewer_channels_attach(struct viewer *v)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->attach)
			channels[i]->attach(v);
}

void viewer_channels_caps(struct viewer *v, uint32_t gained)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->lost && (channels[i]->caps & ~v->caps))
			channels[i]->lost(v);
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->gained && (channels[i]->caps & gained) &&
			!(channels[i]->caps & ~v->caps))
			channels[i]->gained(v);
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->caps_set)
			channels[i]->caps_set(v);
}

void viewer_channels_finish(struct viewer *v)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		if (channels[i]->finish)
			channels[i]->finish(v);
}

static void tell_all(struct agent *a, unsigned change, void (*send)(struct viewer *v))
{
	if (!(a->display->changed & change))
		return;
	a->display->changed &= ~change;
	for (struct viewer *v = a->viewers; v; v = v->next)
		send(v);
}

void viewer_channels_changed(struct agent *a)
{
	for (size_t i = 0; i < ARRAY_LEN(channels); i++)
		for (size_t n = 0; n < VIEWER_CHANNEL_CHANGES_MAX; n++)
			if (channels[i]->changes[n].send)
				tell_all(a, channels[i]->changes[n].change,
					channels[i]->changes[n].send);
}
