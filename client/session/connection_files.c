/* Transfers of files: what begins one. Their messages go between farseat-files and farseat-link, and
 * do not come here. */
#include "client/session/connection_state.h"

bool connection_has_files(const struct connection *c)
{
	return c->welcomed && (c->welcome.codec_features & WIRE_FEATURE_FILES);
}

bool connection_lends_files(const struct connection *c)
{
	return connection_has_files(c) && (c->welcome.codec_features & WIRE_FEATURE_LENDING);
}

bool connection_order_files(struct connection *c, const struct wire_message *order, int fd)
{
	struct link_record record = { .type = RECORD_LINK_FILES };

	if (!connection_is_up(c))
		return false;
	record.link_files.transfer = order->file_of.transfer;
	return link_record_send(&c->link.channel, &record, fd) == 0 && connection_send(c, order);
}
