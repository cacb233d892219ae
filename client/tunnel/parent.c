/* What farseat-tunnel tells and asks the process that started it. */
#include "client/tunnel/tunnel.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "common/ipc/dispatch.h"
#include "common/wire/plain_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How long the order may take to come. */
#define ORDER_MS 10000

static void say(struct tunnel *t, const struct tunnel_record *record)
{
	if (tunnel_record_send(&t->parent, record, -1) < 0)
		log_debug("nobody listens any more"); /* the next wait sees its end */
}

/* A reason may hold a path, which may have any bytes, or end within a character. */
static void mend_text(char *text)
{
	uint32_t code;

	for (size_t n, left = strlen(text); left > 0; text += n, left -= n) {
		n = utf8_decode(text, left, &code);
		if (n > 0 && plain_text_valid(text, n))
			continue;
		n = 1;
		*text = '?';
	}
}

int tunnel_fail(
	struct tunnel *t, enum record_tunnel_fault fault, bool retry, const char *format, ...)
{
	struct tunnel_record record = { .type = RECORD_TUNNEL_FAILED };
	va_list arguments;

	if (t->failed)
		return -ECANCELED;
	t->failed = true;
	record.tunnel_failed.fault = (uint8_t)fault;
	record.tunnel_failed.retry = retry;
	va_start(arguments, format);
	vsnprintf(record.tunnel_failed.reason, sizeof(record.tunnel_failed.reason), format,
		arguments);
	va_end(arguments);
	mend_text(record.tunnel_failed.reason);
	say(t, &record);
	return -ECANCELED;
}

int tunnel_fail_wait(struct tunnel *t, int error)
{
	if (error == -EPIPE) /* nobody to tell */
		t->failed = true;
	if (error == -ECANCELED || t->failed)
		return -ECANCELED;
	if (error == -ETIMEDOUT)
		return tunnel_fail(t, RECORD_TUNNEL_NETWORK, true,
			"the SSH server %s does not answer", t->config.host);
	return tunnel_fail(t, RECORD_TUNNEL_NETWORK, true,
		"the connection to the SSH server %s broke: %s", t->config.host, strerror(-error));
}

int tunnel_fail_ssh(struct tunnel *t, const char *doing)
{
	char *text = NULL, clean[128];
	int len = 0;

	int error = libssh2_session_last_error(t->session, &text, &len, 0);
	tunnel_clean(clean, sizeof(clean), text ? text : "", text && len > 0 ? (size_t)len : 0);
	bool lost = error == LIBSSH2_ERROR_SOCKET_RECV || error == LIBSSH2_ERROR_SOCKET_SEND ||
		    error == LIBSSH2_ERROR_SOCKET_DISCONNECT ||
		    error == LIBSSH2_ERROR_BANNER_RECV || error == LIBSSH2_ERROR_TIMEOUT;
	if (lost)
		return tunnel_fail(t, RECORD_TUNNEL_NETWORK, true,
			"the SSH server %.100s ended the connection while %s (%s)", t->config.host,
			doing, clean);
	return tunnel_fail(t, RECORD_TUNNEL_PROTOCOL, false, "%s with the SSH server %.100s: %s",
		doing, t->config.host, clean);
}

void tunnel_step(struct tunnel *t, const char *step, const char *detail)
{
	struct tunnel_record record = { .type = RECORD_LINK_STEP };

	snprintf(record.link_step.step, sizeof(record.link_step.step), "%s", step);
	snprintf(record.link_step.detail, sizeof(record.link_step.detail), "%s", detail);
	record.link_step.at_us = (uint32_t)(clock_now_us() - t->begun_us);
	say(t, &record);
}

/* ---- what it says ---- */

enum phase { NO_ORDER, ORDERED, ASKING };

static unsigned phase_of(const void *owner)
{
	const struct tunnel *t = owner;

	return t->answer ? ASKING : t->config.host[0] != '\0' ? ORDERED : NO_ORDER;
}

static int on_config(void *owner, const void *body, int *fd)
{
	struct tunnel *t = owner;
	const struct record_tunnel_config *config = body;
	bool needs_stream = config->mode != RECORD_TUNNEL_LISTEN;

	if (needs_stream != (*fd >= 0))
		return -EPROTO;
	t->config = *config;
	t->stream = *fd;
	*fd = -1;
	return needs_stream ? fd_set_nonblock(t->stream) : 0;
}

static int on_answer(void *owner, const void *body, int *fd)
{
	struct tunnel *t = owner;

	(void)fd;
	*t->answer = *(const struct record_tunnel_answer *)body;
	t->answer = NULL;
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("what started farseat-tunnel sent %s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_TUNNEL_CONFIG, DISPATCH_IN(NO_ORDER), on_config, 0 },
	{ RECORD_TUNNEL_ANSWER, DISPATCH_IN(ASKING), on_answer, 0 },
};

static const struct dispatch dispatch = {
	.records = &tunnel_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.phase = phase_of,
	.refuse = refuse,
};

/* Waits until a record was taken. -EAGAIN does not come out. */
static int take(struct tunnel *t, uint64_t until_ms)
{
	struct tunnel_record room;
	int r = -EAGAIN;

	while (r == -EAGAIN) {
		uint64_t now_ms = clock_now_ms();
		r = now_ms >= until_ms ? -ETIMEDOUT
				       : dispatch_wait(&t->parent, &dispatch, t, &room,
						 (int)(until_ms - now_ms));
	}
	secure_wipe(&room, sizeof(room)); /* an answer is a secret */
	return MIN(r, 0);
}

int tunnel_take_order(struct tunnel *t)
{
	return take(t, clock_now_ms() + ORDER_MS);
}

int tunnel_ask(
	struct tunnel *t, const struct tunnel_record *question, struct record_tunnel_answer *out)
{
	*out = (struct record_tunnel_answer){ 0 };
	if (!t->config.ask)
		return -ENOENT;
	int r = tunnel_record_send(&t->parent, question, -1);
	if (r < 0)
		return r;
	t->answer = out;
	r = take(t, clock_now_ms() + TUNNEL_ANSWER_MS);
	t->answer = NULL;
	ipc_forget(&t->parent);
	if (r < 0)
		return r == -ETIMEDOUT ? -ENOENT : r;
	return out->given ? 0 : -ENOENT;
}

void tunnel_clean(char *out, size_t size, const void *text, size_t len)
{
	char escaped[LOG_ESCAPED_MAX];

	while (len > 0 && strchr("\r\n \t", ((const char *)text)[len - 1]) &&
		((const char *)text)[len - 1] != '\0')
		len--;
	if (len < size && plain_text_valid(text, len))
		snprintf(out, size, "%.*s", (int)len, len ? (const char *)text : "");
	else
		snprintf(out, size, "%s", log_escape(escaped, text, len));
}
