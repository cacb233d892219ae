#include "client/way/way_tunnel.h"

#include "client/way/ssh_config.h"
#include "client/way/way_impl.h"
#include "client/way/way_steps.h"
#include "common/base/buffer.h"
#include "common/base/fd.h"
#include "common/base/log.h"
#include "common/cli/terminal.h"
#include "common/ssh/tunnel_child.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWERS_MAX 8

struct way_tunnel {
	pthread_t thread;
	int done_fd, cancel_fd; /* owned */
	pthread_mutex_t lock;
	bool done, asking; /* under lock */
	char via[WAY_TEXT_MAX_BYTES];
	char host[256];
	uint16_t port;
	char command[256]; /* "": connect */
	struct ssh_host hops[SSH_HOPS_MAX];
	struct tunnel_child children[SSH_HOPS_MAX];
	size_t hop_count, child_count;
	struct tunnel_record record; /* large */
	struct way_steps steps;
	struct dial_result result;
};

/*
 * Passphrases and passwords that a person gave, so that a connection that comes back by itself does
 * not ask again: for as long as the process lives, in its memory alone. An answer that is asked for
 * twice was wrong and is forgotten.
 */
static struct {
	pthread_mutex_t lock;
	struct {
		char question[256];
		char answer[RECORD_ANSWER_MAX_BYTES];
		const void *used_by; /* the way that was given it last */
	} list[ANSWERS_MAX];
} answers = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool recall(void *user, const char *question, char out[static RECORD_ANSWER_MAX_BYTES])
{
	bool found = false;

	pthread_mutex_lock(&answers.lock);
	for (size_t i = 0; i < ANSWERS_MAX; i++) {
		if (answers.list[i].answer[0] == '\0' ||
			strcmp(answers.list[i].question, question) != 0)
			continue;
		found = answers.list[i].used_by != user;
		if (found)
			memcpy(out, answers.list[i].answer, RECORD_ANSWER_MAX_BYTES);
		else
			secure_wipe(&answers.list[i], sizeof(answers.list[i]));
		if (found)
			answers.list[i].used_by = user;
	}
	pthread_mutex_unlock(&answers.lock);
	return found;
}

static void remember(void *user, const char *question, const char *answer)
{
	pthread_mutex_lock(&answers.lock);
	for (size_t i = 0; i < ANSWERS_MAX; i++) {
		if (answers.list[i].answer[0] != '\0' || strlen(question) >= 256)
			continue;
		snprintf(
			answers.list[i].question, sizeof(answers.list[i].question), "%s", question);
		snprintf(answers.list[i].answer, sizeof(answers.list[i].answer), "%s", answer);
		answers.list[i].used_by = user;
		break;
	}
	pthread_mutex_unlock(&answers.lock);
}

static void set_asking(void *user, bool begins)
{
	struct way_tunnel *w = user;

	pthread_mutex_lock(&w->lock);
	w->asking = begins;
	pthread_mutex_unlock(&w->lock);
}

/* ---- in the thread ---- */

#define OWN_SSH "Use your own ssh instead: --via-command 'ssh -W %h:%p JUMP'."

/* Why a way was not built, as a word, and what to do about it. */
struct advice {
	const char *diagnosis; /* NULL: none of the way's own */
	const char *remedy;
};

static const struct {
	uint8_t fault;
	enum way_tunnel_end end;
	struct advice advice;
} faults[] = {
	{ RECORD_TUNNEL_NETWORK, WAY_TUNNEL_BROKE,
		{ "hop-broke",
			"Check the network, and the SSH host's name and port ('ssh HOST' must work)." } },
	{ RECORD_TUNNEL_HOST_UNKNOWN, WAY_TUNNEL_REFUSED,
		{ "hop-host-key",
			"Log in there once with 'ssh', or run this on a terminal, and compare the fingerprint with what the host's administrator says." } },
	{ RECORD_TUNNEL_HOST_CHANGED, WAY_TUNNEL_REFUSED,
		{ "hop-host-key",
			"Ask the host's administrator whether its key was changed. Only then remove the old line: 'ssh-keygen -R HOST'." } },
	{ RECORD_TUNNEL_HOST_REVOKED, WAY_TUNNEL_REFUSED,
		{ "hop-host-key",
			"Ask the host's administrator: this key must not be used any more." } },
	{ RECORD_TUNNEL_AUTH, WAY_TUNNEL_REFUSED,
		{ "hop-not-let-in",
			"Check the user's name and keys ('ssh HOST' must work); load the key with 'ssh-add'." } },
	{ RECORD_TUNNEL_TARGET, WAY_TUNNEL_BROKE,
		{ "hop-target",
			"Check the next address on the way as that SSH host sees it ('ssh HOST nc -z ADDRESS PORT'), and that something listens there: farseatd, or the next SSH host." } },
	{ RECORD_TUNNEL_FORBIDDEN, WAY_TUNNEL_FAILED,
		{ "hop-forbidden",
			"Ask that SSH host's administrator to let you forward: AllowTcpForwarding and PermitOpen in its sshd_config, permitopen and 'restrict' in your line of authorized_keys. Or choose another jump host." } },
	{ RECORD_TUNNEL_PROTOCOL, WAY_TUNNEL_FAILED, { "hop-protocol", OWN_SSH } },
	{ RECORD_TUNNEL_INTERNAL, WAY_TUNNEL_FAILED,
		{ "hop-internal", "Report it with the log." } },
};

/* Why the first hop cannot even be connected to. */
static const struct advice name_wrong = {
	"hop-name",
	"This laptop does not know the SSH host's name: check via, HostName in ~/.ssh/config, and the network."
};
static const struct advice not_listening = {
	"hop-not-listening",
	"That machine is on, but no SSH server listens on the port: check the port (via, Port in ~/.ssh/config), or start sshd there."
};
static const struct advice no_answer = { "hop-no-answer",
	"Nothing comes back from the SSH host: check its address; a firewall may be in between." };

static const struct advice own_ssh = { NULL, OWN_SSH };
static const struct advice try_again = { NULL, "Try again; FARSEAT_LOG=debug says more." };
static const struct advice check_hops = { NULL,
	"Check --via, via in workstation.conf, and ProxyJump in ~/.ssh/config." };

static void fail_with(struct way_tunnel *w, enum way_tunnel_end end, const char *reason,
	const struct advice *advice)
{
	w->result.error = end == WAY_TUNNEL_BROKE ? -ECONNREFUSED : -EPERM;
	w->result.refused = end == WAY_TUNNEL_REFUSED;
	w->result.final = end != WAY_TUNNEL_BROKE;
	w->result.diagnosis = advice->diagnosis;
	w->result.remedy = advice->remedy;
	snprintf(w->result.reason, sizeof(w->result.reason), "%.299s", reason);
}

static void fail_by_record(struct way_tunnel *w, const struct record_tunnel_failed *f)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (faults[i].fault == f->fault)
			fail_with(w, faults[i].end, f->reason, &faults[i].advice);
}

static int fail_by_error(struct way_tunnel *w, int r, const struct ssh_host *hop)
{
	char text[600];

	if (r == -ENOENT) {
		fail_with(w, WAY_TUNNEL_FAILED,
			"farseat-tunnel is not installed: this Farseat was built without SSH tunnels",
			&own_ssh);
		return r;
	}
	snprintf(text, sizeof(text), "the tunnel through %.200s was not built: %s", hop->text,
		r == -EPIPE ? "farseat-tunnel ended without a word" : strerror(-r));
	fail_with(w, WAY_TUNNEL_BROKE, text, &try_again);
	return r;
}

static int dial_first(struct way_tunnel *w, int *fd)
{
	const struct record_tunnel_config *config = &w->hops[0].config;
	struct dial *dial;
	struct dial_result result;
	int r = dial_start(&dial, config->address, config->port, NULL);

	if (r < 0)
		return fail_by_error(w, r, &w->hops[0]);
	struct fd_poll p[] = {
		{ .fd = dial_fd(dial), .want = FD_READ },
		{ .fd = w->cancel_fd, .want = FD_READ },
	};
	do
		r = fd_wait(p, ARRAY_LEN(p), -1);
	while (r == -EINTR);
	r = p[1].got ? -ECANCELED : dial_take(dial, &result);
	dial_destroy(dial);
	if (r < 0)
		return r;
	way_steps_dialed(&w->steps, &result);
	if (result.fd >= 0) {
		*fd = result.fd;
		memcpy(w->result.address, result.address, sizeof(result.address));
		w->result.resolve_us = result.resolve_us;
		w->result.connect_us = result.connect_us;
		return 0;
	}
	char text[600];
	snprintf(text, sizeof(text), "the SSH host %.150s: %s", w->hops[0].text, result.reason);
	const struct advice *advice = result.error == -ECONNREFUSED ? &not_listening : &no_answer;
	fail_with(w, WAY_TUNNEL_BROKE, text, result.name_failed ? &name_wrong : advice);
	return -ECONNREFUSED;
}

/* The order for one hop: to the next, or at last to what is wanted. */
static void complete_order(const struct way_tunnel *w, size_t i, struct record_tunnel_config *out)
{
	bool last = i + 1 == w->hop_count;

	*out = w->hops[i].config;
	out->ask = terminal_there() && !w->hops[i].strict;
	out->mode = last && w->command[0] ? RECORD_TUNNEL_RUN : RECORD_TUNNEL_CONNECT;
	memcpy(out->command, w->command, sizeof(w->command));
	if (last) {
		memcpy(out->target, w->host, sizeof(w->host));
		out->target_port = w->port;
	} else {
		memcpy(out->target, w->hops[i + 1].config.address, sizeof(out->target));
		out->target_port = w->hops[i + 1].config.port;
	}
}

static void note_step(void *user, const struct record_link_step *step)
{
	struct way_tunnel *w = user;

	way_steps_done(&w->steps, step);
}

static int open_hop(struct way_tunnel *w, size_t i, int *fd)
{
	struct record_tunnel_config order;
	int stream = -1;

	complete_order(w, i, &order);
	way_steps_hop(&w->steps, i);
	int r = tunnel_child_start(&w->children[i], &order, *fd, &stream);
	fd_close(fd);
	if (r < 0)
		return fail_by_error(w, r, &w->hops[i]);
	w->child_count = i + 1;
	*fd = stream;
	const struct tunnel_person person = {
		.terminal = order.ask,
		.known_hosts = order.known_hosts_count ? order.known_hosts[0] : NULL,
		.cancel_fd = w->cancel_fd,
		.recall = recall,
		.remember = remember,
		.asking = set_asking,
		.step = note_step,
		.user = w,
	};
	r = tunnel_child_wait(&w->children[i], &person, &w->record);
	if (r < 0)
		return fail_by_error(w, r, &w->hops[i]);
	if (w->record.type == RECORD_TUNNEL_OPEN)
		return 0;
	if (w->record.type == RECORD_TUNNEL_FAILED)
		fail_by_record(w, &w->record.tunnel_failed);
	return -EPERM;
}

static void open_all(struct way_tunnel *w)
{
	int fd = -1;
	int r = ssh_hops(w->via, w->hops, &w->hop_count);

	if (r == -ELOOP) {
		fail_with(w, WAY_TUNNEL_FAILED,
			"~/.ssh/config reaches this SSH host by a ProxyCommand, which farseat-tunnel does not run",
			&own_ssh);
		return;
	}
	if (r < 0) {
		fail_with(w, WAY_TUNNEL_FAILED,
			r == -E2BIG ? "there are too many SSH hops on the way"
				    : "the SSH hops cannot be understood",
			&check_hops);
		return;
	}
	r = dial_first(w, &fd);
	for (size_t i = 0; i < w->hop_count && r == 0; i++)
		r = open_hop(w, i, &fd);
	if (r < 0) {
		way_steps_failed(&w->steps, w->result.reason);
		fd_close(&fd);
		return;
	}
	w->result.fd = fd;
	w->result.error = 0;
	snprintf(w->result.reason, sizeof(w->result.reason), "through SSH: %.140s", w->via);
}

static void *way_thread(void *user)
{
	struct way_tunnel *w = user;

	open_all(w);
	pthread_mutex_lock(&w->lock);
	w->done = true;
	pthread_mutex_unlock(&w->lock);
	fd_event_tell(w->done_fd);
	return NULL;
}

/* ---- outside ---- */

static void way_free(struct way_tunnel *w)
{
	for (size_t i = w->child_count; i-- > 0;)
		tunnel_child_finish(&w->children[i]);
	fd_close(&w->result.fd);
	fd_close(&w->done_fd);
	fd_close(&w->cancel_fd);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int way_tunnel_open(struct way_tunnel **out, const char *via, const char *host, uint16_t port,
	const char *command)
{
	struct way_tunnel *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	pthread_mutex_init(&w->lock, NULL);
	w->result = (struct dial_result){ .fd = -1, .through = true, .error = -ECONNREFUSED };
	snprintf(w->via, sizeof(w->via), "%s", via);
	snprintf(w->host, sizeof(w->host), "%s", host);
	snprintf(w->command, sizeof(w->command), "%s", command ? command : "");
	w->port = port;
	w->done_fd = -1;
	w->cancel_fd = -1;
	int r = fd_event_open(&w->done_fd);
	if (r == 0)
		r = fd_event_open(&w->cancel_fd);
	if (r == 0)
		r = -pthread_create(&w->thread, NULL, way_thread, w);
	if (r < 0) {
		way_free(w);
		return r;
	}
	*out = w;
	return 0;
}

int way_tunnel_fd(const struct way_tunnel *w)
{
	return w->done_fd;
}

int way_tunnel_take(struct way_tunnel *w, struct dial_result *out)
{
	pthread_mutex_lock(&w->lock);
	bool done = w->done;
	pthread_mutex_unlock(&w->lock);
	if (!done)
		return -EAGAIN;
	fd_event_clear(w->done_fd); /* it is told once */
	*out = w->result;
	out->steps = w->steps.list;
	out->step_count = w->steps.count;
	w->result.fd = -1;
	return 0;
}

bool way_tunnel_asking(struct way_tunnel *w)
{
	pthread_mutex_lock(&w->lock);
	bool asking = w->asking;
	pthread_mutex_unlock(&w->lock);
	return asking;
}

bool way_tunnel_blame(
	struct way_tunnel *w, char reason[static WAY_REASON_BYTES], const char **remedy)
{
	/* The hop nearest to us tells why the others broke. */
	for (size_t i = 0; i < w->child_count; i++) {
		if (tunnel_child_failure(&w->children[i], &w->record) != 1)
			continue;
		fail_by_record(w, &w->record.tunnel_failed);
		snprintf(reason, WAY_REASON_BYTES, "%s", w->result.reason);
		*remedy = w->result.remedy;
		return true;
	}
	return false;
}

int way_tunnel_exit(struct way_tunnel *w, char *talk, size_t size)
{
	const struct tunnel_person nobody = { .cancel_fd = w->cancel_fd };

	talk[0] = '\0';
	if (w->child_count == 0 ||
		tunnel_child_wait(&w->children[w->child_count - 1], &nobody, &w->record) < 0)
		return -1;
	if (w->record.type != RECORD_TUNNEL_EXITED)
		return -1;
	snprintf(talk, size, "%s", w->record.tunnel_exited.talk);
	return w->record.tunnel_exited.status;
}

void way_tunnel_close(struct way_tunnel *w)
{
	if (!w)
		return;
	fd_event_tell(w->cancel_fd);
	pthread_join(w->thread, NULL);
	way_free(w);
}

/* ---- as a way ---- */

static int tunnel_open(void **self, const struct way *way, const char *host, uint16_t port)
{
	struct way_tunnel *w = NULL;
	int r = way_tunnel_open(&w, way->via, host, port, NULL);

	if (r == 0)
		*self = w;
	return r;
}

static int tunnel_fd(const void *self)
{
	return way_tunnel_fd(self);
}

static int tunnel_take(void *self, struct dial_result *out)
{
	return way_tunnel_take(self, out);
}

static bool tunnel_asking(void *self)
{
	return way_tunnel_asking(self);
}

static bool tunnel_blame(void *self, char reason[static WAY_REASON_BYTES], const char **remedy)
{
	return way_tunnel_blame(self, reason, remedy);
}

static void tunnel_close(void *self)
{
	way_tunnel_close(self);
}

const struct way_impl way_tunnel = {
	.open = tunnel_open,
	.fd = tunnel_fd,
	.take = tunnel_take,
	.asking = tunnel_asking,
	.blame = tunnel_blame,
	.close = tunnel_close,
};
