#include "common/ipc/dispatch.h"

#include "common/base/fd.h"

#include <errno.h>
#include <stdio.h>

/* "before NAME after" */
static int refuse(
	const struct dispatch *d, void *owner, uint8_t type, const char *before, const char *after)
{
	const char *name = record_type_name(type);
	char what[96];

	snprintf(what, sizeof(what), "%s %s%s", before, name, after);
	d->refuse(owner, name, what);
	return -EPROTO;
}

const struct dispatch_rule *dispatch_rule_of(
	const struct dispatch_rule *rules, size_t count, enum record_type type)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i].handle && rules[i].type == type)
			return &rules[i];
	return NULL;
}

int dispatch_record(const struct dispatch *d, void *owner, const void *record, int *fd)
{
	enum record_type type = *(const enum record_type *)record;
	const struct dispatch_rule *rule = dispatch_rule_of(d->rules, d->rule_count, type);
	unsigned now = DISPATCH_IN(d->phase ? d->phase(owner) : 0);
	void *self = owner;

	if (!rule && d->find)
		rule = d->find(owner, type, &self);
	if (rule && (rule->late & now))
		return 0;
	if (!rule || !(rule->phases & now))
		return refuse(d, owner, (uint8_t)type, "record", " out of turn");
	int r = d->judge ? d->judge(owner, type) : 0;
	if (r == 0)
		r = rule->handle(self, (const uint8_t *)record + d->records->body_offset, fd);
	if (r == -EPROTO)
		return refuse(d, owner, (uint8_t)type, "record", " with what cannot be");
	return r < 0 ? r : 0;
}

int dispatch_next(struct ipc_channel *c, const struct dispatch *d, void *owner, void *record)
{
	const uint8_t *packet;
	size_t len;
	int fd;

	int r = ipc_receive(c, &packet, &len, &fd);
	if (r == -EPROTO)
		return refuse(d, owner, 0, "a packet that is no record", "");
	if (r != 1)
		return r;
	uint8_t type = packet[0];
	if (!record_is_of(d->records, type))
		r = refuse(d, owner, type, "record", " of another channel");
	else if (record_decode(d->records, packet, len, record) < 0)
		r = refuse(d, owner, type, "a malformed record", "");
	else
		r = dispatch_record(d, owner, record, &fd);
	fd_close(&fd);
	return r < 0 ? r : 1;
}

int dispatch_wait(
	struct ipc_channel *c, const struct dispatch *d, void *owner, void *record, int timeout_ms)
{
	int r = ipc_wait(c, timeout_ms);

	return r < 0 ? r : dispatch_next(c, d, owner, record);
}
