#include "server/worker/files/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget(struct files_order *o)
{
	free(o->message);
	memset(o, 0, sizeof(*o));
}

static struct files_order *find(struct files *f, uint8_t transfer)
{
	for (size_t i = 0; i < ARRAY_LEN(f->orders); i++)
		if (f->orders[i].used && f->orders[i].transfer == transfer)
			return &f->orders[i];
	return NULL;
}

/* A place for a new order: one without an order, or whose transfer is over. All of those are forgotten,
 * since their numbers are free again. */
static struct files_order *free_order(struct files *f)
{
	struct files_order *place = NULL;

	for (size_t i = 0; i < ARRAY_LEN(f->orders); i++) {
		struct files_order *o = &f->orders[i];
		if (o->used && !o->asked && !transfers_has(&f->transfers, o->transfer))
			forget(o);
		if (!o->used)
			place = o;
	}
	return place;
}

static void check(struct files *f, int r)
{
	if (r < 0)
		f->host->fail(f->host->worker, WIRE_BYE_INTERNAL, "a message of files: %s",
			r == -E2BIG ? "the client does not read" : strerror(-r));
}

static void refuse(struct files *f, uint8_t transfer, enum wire_file_fault fault)
{
	check(f, transfers_stop(&f->transfers, transfer, fault));
}

static int keep(struct files_order *o, const struct wire_message *m)
{
	uint8_t bytes[WIRE_MESSAGE_MAX_BYTES];
	int len = wire_encode(m, bytes);

	if (len < 0)
		return len;
	o->message = malloc((size_t)len);
	if (!o->message)
		return -ENOMEM;
	memcpy(o->message, bytes, (size_t)len);
	o->len = (size_t)len;
	return 0;
}

/* PUT, GET, SFTP. */
static void on_order(void *self, const struct wire_message *m)
{
	struct files *f = self;
	uint8_t transfer = transfers_number(m);
	struct files_order *o = free_order(f);

	bool runs = find(f, transfer) != NULL;
	if (!f->agreed || (transfers_lends(m) && !f->lends) || runs) {
		f->host->fail(f->host->worker, WIRE_BYE_PROTOCOL, "message %s %s",
			wire_type_name((uint8_t)m->type),
			runs ? "of a transfer that runs already" : "was not agreed on");
		return;
	}
	if (!o || !f->host->ask_files) {
		refuse(f, transfer, o ? WIRE_FILE_UNAVAILABLE : WIRE_FILE_BUSY);
		return;
	}
	if (keep(o, m) < 0) {
		refuse(f, transfer, WIRE_FILE_INTERNAL);
		return;
	}
	o->used = true;
	o->asked = true;
	o->transfer = transfer;
	o->caps = wire_cap_needed((uint8_t)m->type);
	f->host->ask_files(f->host->worker, transfer, m->type == WIRE_FILE_SFTP, o->caps);
}

/* Of a transfer that runs, or did until a moment ago. */
static void on_message(void *self, const struct wire_message *m)
{
	struct files *f = self;
	struct files_order *o = find(f, transfers_number(m));

	/* Given up before the supervisor has answered. */
	if (o && o->asked && m->type == WIRE_FILE_STOP)
		forget(o);
	transfers_take(&f->transfers, m);
}

static int begin(struct files *f, const struct files_order *o, int fd)
{
	struct wire_header header;
	struct wire_message m;
	int r = transfers_add(&f->transfers, o->transfer, fd);

	if (r == 0)
		r = wire_header_decode(o->message, &header);
	if (r == 0)
		r = wire_decode(&header, o->message + WIRE_HEADER_BYTES, &m);
	if (r == 0)
		transfers_take(&f->transfers, &m);
	return r;
}

void files_answer(struct files *f, uint8_t transfer, enum wire_file_fault fault, int fd)
{
	struct files_order *o = find(f, transfer);

	if (!o || !o->asked) {
		fd_close(&fd); /* its farseat-files sees that nobody speaks to it, and ends */
		return;
	}
	o->asked = false;
	int r = fault == WIRE_FILE_OK && fd >= 0 ? begin(f, o, fd) : -EPERM;
	free(o->message);
	o->message = NULL;
	if (r == 0)
		return;
	forget(o);
	refuse(f, transfer, fault == WIRE_FILE_OK ? WIRE_FILE_INTERNAL : fault);
}

static void opened(void *self, uint32_t features)
{
	struct files *f = self;

	f->agreed = (features & WIRE_FEATURE_FILES) != 0;
	f->lends = (features & WIRE_FEATURE_LENDING) != 0;
}

/* Transfers that need more than is left end. */
static void set_caps(void *self, uint32_t caps)
{
	struct files *f = self;

	for (size_t i = 0; i < ARRAY_LEN(f->orders); i++) {
		struct files_order *o = &f->orders[i];
		if (!o->used || !(o->caps & ~caps))
			continue;
		uint8_t transfer = o->transfer;
		bool runs = o->asked || transfers_has(&f->transfers, transfer);
		forget(o);
		if (runs)
			refuse(f, transfer, WIRE_FILE_NOT_ALLOWED);
	}
}

static bool step(void *self)
{
	struct files *f = self;

	check(f, transfers_step(&f->transfers));
	return false;
}

static void finish(void *self)
{
	struct files *f = self;

	for (size_t i = 0; i < ARRAY_LEN(f->orders); i++)
		forget(&f->orders[i]);
	transfers_finish(&f->transfers);
}

void files_init(struct files *f, struct worker_host *host)
{
	memset(f, 0, sizeof(*f));
	f->host = host;
	transfers_init(&f->transfers, host->peer, true);
}

const struct worker_channel files_channel = {
	.name = "files",
	.priority = PEER_FILES, /* its source is set by transfers_init */
	.messages = {
		{ WIRE_FILE_PUT, on_order },
		{ WIRE_FILE_GET, on_order },
		{ WIRE_FILE_SFTP, on_order },
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
	.opened = opened,
	.set_caps = set_caps,
	.step = step,
	.finish = finish,
};
