#include "client/link/link.h"

#include "common/codec/codec.h"

#include <errno.h>

void link_files_init(struct link *l)
{
	transfers_init(&l->files, &l->peer, false);
}

static void check(struct link *l, int r)
{
	if (r < 0)
		link_fail(l, (struct link_failure){ .retry = true },
			r == -E2BIG ? "the workstation does not read"
				    : "a message of files could not be sent");
}

void link_files_step(struct link *l)
{
	if (l->state == LINK_OPEN)
		check(l, transfers_step(&l->files));
}

bool link_files_order(struct link *l, const struct wire_message *m)
{
	uint8_t transfer = transfers_number(m);

	if (!transfers_has(&l->files, transfer))
		return false;
	uint32_t needed = CODEC_FEATURE_FILES | (transfers_lends(m) ? CODEC_FEATURE_LENDING : 0);
	if (needed & ~l->codec_features)
		transfers_refuse(&l->files, transfer, WIRE_FILE_UNAVAILABLE);
	else if (wire_cap_needed((uint8_t)m->type) & ~l->caps)
		transfers_refuse(&l->files, transfer, WIRE_FILE_NOT_ALLOWED);
	return transfers_has(&l->files, transfer);
}

/* A farseat-files of the UI. A number that is taken, or one too many, is the UI's mistake: it sees
 * its process end. */
static int on_files(void *owner, const void *body, int *fd)
{
	struct link *l = owner;
	const struct record_link_files *files = body;

	if (*fd < 0)
		return -EPROTO;
	int r = transfers_add(&l->files, files->transfer, *fd);
	*fd = -1; /* taken over */
	return r == -ENOMEM ? r : 0;
}

static void on_message(struct link *l, const struct wire_message *m)
{
	transfers_take(&l->files, m);
}

static void finish(struct link *l)
{
	transfers_finish(&l->files);
}

const struct link_channel link_files_channel = {
	.name = "files",
	.messages = {
		{ WIRE_FILE_OPENED, on_message },
		{ WIRE_FILE_TOTAL, on_message },
		{ WIRE_FILE_ENTRY, on_message },
		{ WIRE_FILE_DATA, on_message },
		{ WIRE_FILE_SKIP, on_message },
		{ WIRE_FILE_END, on_message },
		{ WIRE_FILE_LAST, on_message },
		{ WIRE_FILE_HAVE, on_message },
		{ WIRE_FILE_ACK, on_message },
		{ WIRE_FILE_FAULT, on_message },
		{ WIRE_FILE_CLOSE, on_message },
		{ WIRE_FILE_STOP, on_message },
		{ WIRE_FILE_STREAM, on_message },
	},
	.records = { { RECORD_LINK_FILES, DISPATCH_ALWAYS, on_files, 0 } },
	.finish = finish,
};
