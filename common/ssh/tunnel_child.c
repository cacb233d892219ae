#include "common/ssh/tunnel_child.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/base/process.h"
#include "common/cli/terminal.h"
#include "common/ipc/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES (256 + 64 + RECORD_LINE_MAX_BYTES + 4)
#define ENDING_MS      300

/* The package of the workstation's programs has a copy of its own: two packages cannot have one
 * file in common. */
int tunnel_child_program(char out[static PATH_MAX])
{
	int r = path_of_program("farseat-tunnel", out);

	return r < 0 ? path_of_program("server/farseat-tunnel", out) : r;
}

void tunnel_child_init(struct tunnel_child *c)
{
	*c = (struct tunnel_child){ .channel.fd = -1 };
}

static int start(struct tunnel_child *c, int channel_fd, int transport_fd)
{
	static const char *const argv[] = { "farseat-tunnel", NULL };
	char path[PATH_MAX];
	const int fds[] = { channel_fd, transport_fd };
	int r = tunnel_child_program(path);

	if (r < 0)
		return r;
	/* No signal when its parent dies: the thread that starts it ends before it does. It sees
	 * its channel close. A session of its own, so that Ctrl+C ends farseat, which says goodbye
	 * through it. */
	const struct process_spec spec = {
		.path = path,
		.argv = argv,
		.fds = fds,
		.fd_count = transport_fd >= 0 ? 2 : 1,
		.new_session = true,
	};
	return process_start(&spec, &c->process);
}

int tunnel_child_start(struct tunnel_child *c, const struct record_tunnel_config *config,
	int transport_fd, int *stream)
{
	struct tunnel_record order = { .type = RECORD_TUNNEL_CONFIG, .tunnel_config = *config };
	int pair[2] = { -1, -1 }, ends[2] = { -1, -1 };

	tunnel_child_init(c);
	int r = ipc_pair(pair);
	if (r == 0 && stream)
		r = fd_pair(ends);
	if (r == 0 && stream)
		r = fd_set_nonblock(ends[0]);
	order.tunnel_config.dial = transport_fd < 0;
	if (r == 0)
		r = start(c, pair[1], transport_fd);
	fd_close(&pair[1]);
	if (r == 0)
		r = ipc_channel_init(&c->channel, pair[0]);
	else
		fd_close(&pair[0]);
	if (r == 0)
		r = tunnel_record_send(&c->channel, &order, ends[1]);
	fd_close(&ends[1]);
	if (r < 0) {
		fd_close(&ends[0]);
		tunnel_child_finish(c);
		return r;
	}
	if (stream)
		*stream = ends[0];
	return 0;
}

/* ---- questions ---- */

static bool only(const char *text, const char *characters)
{
	return text[0] != '\0' && text[strspn(text, characters)] == '\0';
}

/* Adds the key as ssh would. Only what is a name, a type and base64 becomes a line. */
static int add_known_host(const char *path, const struct record_tunnel_question *q)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char line[LINE_MAX_BYTES], name[128], type[128], key[128];

	snprintf(name, sizeof(name), "%s._-:[]", letters);
	snprintf(type, sizeof(type), "%s.-@", letters);
	snprintf(key, sizeof(key), "%s+/=", letters);
	if (!only(q->about, name) || !only(q->key_type, type) || !only(q->key, key))
		return -EINVAL;
	char folder[PATH_MAX];
	if (strlen(path) >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, path, strlen(path) + 1);
	char *slash = strrchr(folder, '/');
	if (slash && slash != folder) {
		*slash = '\0';
		int r = dir_make(folder, 0700);
		if (r < 0)
			return r;
	}
	snprintf(line, sizeof(line), "%s %s %s", q->about, q->key_type, q->key);
	return file_append_line(path, line, 0600);
}

static void accept_host_key(const struct tunnel_person *p, const struct record_tunnel_question *q,
	struct record_tunnel_answer *answer)
{
	int r = p->known_hosts ? add_known_host(p->known_hosts, q) : 0;

	if (r < 0)
		log_warn("the key could not be added to %s: %s", p->known_hosts, strerror(-r));
	snprintf(answer->texts[0], sizeof(answer->texts[0]), "yes");
	answer->given = true;
	answer->count = 1;
}

static void ask_host_key(const struct tunnel_person *p, const struct record_tunnel_question *q,
	struct record_tunnel_answer *answer)
{
	char text[1024];

	if (p->fingerprint) {
		if (strcmp(p->fingerprint, q->fingerprint) == 0)
			accept_host_key(p, q, answer);
		return;
	}
	if (!p->terminal)
		return;

	snprintf(text, sizeof(text),
		"The SSH server %s is not known yet.\nIts key (%s) has the fingerprint\n  %s\n"
		"Compare it with what its administrator says. Go on, and remember this key (yes/no)? ",
		q->about, q->key_type, q->fingerprint);
	while (terminal_ask(text, true, p->cancel_fd, answer->texts[0], sizeof(answer->texts[0])) ==
		0) {
		if (strcmp(answer->texts[0], "yes") == 0) {
			accept_host_key(p, q, answer);
			return;
		}
		if (strcmp(answer->texts[0], "no") == 0)
			return;
		snprintf(text, sizeof(text), "Type 'yes' or 'no': ");
	}
}

static void ask_secrets(const struct tunnel_person *p, const struct record_tunnel_question *q,
	struct record_tunnel_answer *answer)
{
	bool may_remember = q->kind != RECORD_ASK_SERVER && q->prompt_count == 1;
	char text[600];

	if (may_remember && p->recall && p->recall(p->user, q->prompts[0].text, answer->texts[0])) {
		answer->given = true;
		answer->count = 1;
		return;
	}
	if (q->kind == RECORD_ASK_SERVER && (q->about[0] || q->instruction[0])) {
		snprintf(text, sizeof(text), "The SSH server says: %s %s\n", q->about,
			q->instruction);
		terminal_say(text);
	}
	for (size_t i = 0; i < q->prompt_count; i++) {
		/* Whose words they are must be seen: a server may ask for anything. */
		snprintf(text, sizeof(text), "%s%s",
			q->kind == RECORD_ASK_SERVER ? "(SSH server) " : "", q->prompts[i].text);
		size_t len = strlen(text);
		if (len > 0 && text[len - 1] != ' ' && len + 1 < sizeof(text))
			memcpy(text + len, " ", 2);
		if (terminal_ask(text, q->prompts[i].echo, p->cancel_fd, answer->texts[i],
			    sizeof(answer->texts[i])) < 0)
			return;
	}
	answer->given = true;
	answer->count = q->prompt_count;
	if (may_remember && p->remember)
		p->remember(p->user, q->prompts[0].text, answer->texts[0]);
}

static int answer_question(struct tunnel_child *c, const struct tunnel_person *p,
	const struct record_tunnel_question *q)
{
	struct tunnel_record answer = { .type = RECORD_TUNNEL_ANSWER };

	if (p->asking)
		p->asking(p->user, true);
	if (q->kind == RECORD_ASK_HOST_KEY)
		ask_host_key(p, q, &answer.tunnel_answer);
	else if (p->terminal && !p->host_key_only)
		ask_secrets(p, q, &answer.tunnel_answer);
	if (p->asking)
		p->asking(p->user, false);
	if (!answer.tunnel_answer.given)
		answer.tunnel_answer.count = 0;
	int r = tunnel_record_send(&c->channel, &answer, -1);
	secure_wipe(&answer, sizeof(answer));
	return r;
}

/* ---- waiting ---- */

struct waiting {
	struct tunnel_child *child;
	const struct tunnel_person *person;
	bool over; /* it came */
};

static int on_question(void *owner, const void *body, int *fd)
{
	const struct waiting *w = owner;

	(void)fd;
	return answer_question(w->child, w->person, body);
}

static int on_step(void *owner, const void *body, int *fd)
{
	const struct waiting *w = owner;

	(void)fd;
	if (w->person->step)
		w->person->step(w->person->user, body);
	return 0;
}

static int on_log(void *owner, const void *body, int *fd)
{
	const struct record_log *log = body;

	(void)owner;
	(void)fd;
	log_line(MIN(log->level, LOG_DEBUG), "tunnel: %.*s", (int)log->line.len,
		(const char *)log->line.bytes);
	return 0;
}

static int on_waited_for(void *owner, const void *body, int *fd)
{
	struct waiting *w = owner;

	(void)body;
	(void)fd;
	w->over = true;
	return 0;
}

static void refuse(void *owner, const char *record, const char *what)
{
	(void)owner;
	(void)record;
	log_error("farseat-tunnel sent %s", what);
}

static const struct dispatch_rule rules[] = {
	{ RECORD_TUNNEL_QUESTION, DISPATCH_ALWAYS, on_question, 0 },
	{ RECORD_LINK_STEP, DISPATCH_ALWAYS, on_step, 0 },
	{ RECORD_LOG, DISPATCH_ALWAYS, on_log, 0 },
	{ RECORD_TUNNEL_OPEN, DISPATCH_ALWAYS, on_waited_for, 0 },
	{ RECORD_TUNNEL_FAILED, DISPATCH_ALWAYS, on_waited_for, 0 },
	{ RECORD_TUNNEL_EXITED, DISPATCH_ALWAYS, on_waited_for, 0 },
};

static const struct dispatch dispatch = {
	.records = &tunnel_records,
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.refuse = refuse,
};

int tunnel_child_wait(
	struct tunnel_child *c, const struct tunnel_person *person, struct tunnel_record *out)
{
	struct waiting w = { c, person, false };
	uint64_t until = clock_now_ms() + TUNNEL_CHILD_STEP_MS;

	while (!w.over) {
		struct fd_poll p[] = {
			{ .fd = c->channel.fd, .want = FD_READ },
			{ .fd = person->cancel_fd, .want = FD_READ },
		};
		uint64_t now = clock_now_ms();
		if (now >= until)
			return -ETIMEDOUT;
		int ready = fd_wait(p, ARRAY_LEN(p), (int)(until - now));
		if (ready < 0 && ready != -EINTR)
			return ready;
		if (p[1].got)
			return -ECANCELED;
		int r = dispatch_next(&c->channel, &dispatch, &w, out);
		if (r == -EAGAIN)
			continue;
		if (r < 0)
			return r;
		until = clock_now_ms() + TUNNEL_CHILD_STEP_MS;
	}
	return 0;
}

int tunnel_child_failure(struct tunnel_child *c, struct tunnel_record *out)
{
	int fd = -1;

	while (c->channel.fd >= 0 && tunnel_record_receive(&c->channel, out, &fd) == 1) {
		fd_close(&fd);
		if (out->type == RECORD_TUNNEL_FAILED)
			return 1;
	}
	return 0;
}

void tunnel_child_finish(struct tunnel_child *c)
{
	ipc_channel_finish(&c->channel); /* which it sees */
	c->channel.fd = -1;
	if (c->process.id <= 0)
		return;
	if (process_wait(&c->process, ENDING_MS, NULL) == 0)
		return;
	process_kill(c->process);
	if (process_wait(&c->process, -1, NULL) < 0)
		log_debug("farseat-tunnel was not waited for");
}
