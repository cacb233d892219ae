#include "client/session/enroll_ssh.h"

#include "client/way/way_tunnel.h"
#include "common/base/base64.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/wire/plain_text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_MAX_BYTES (64U * 1024) /* two certificates and names: 4 KB */
#define ANSWER_MS        60000        /* a slow machine signs within this */

static int fail(struct enroll_ssh_error *error, int status, const char *reason, const char *remedy)
{
	error->status = status;
	snprintf(error->reason, sizeof(error->reason), "%s", reason);
	error->remedy = remedy;
	return -1;
}

/* ---- the answer ---- */

/*
 * The DER inside one PEM certificate: strict base64, nothing else is understood. What it holds is
 * parsed by the crypto module alone.
 */
static int der_of(const char *pem, struct crypto_der *out)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n", end[] = "-----END";
	const char *from = pem ? strstr(pem, begin) : NULL;
	const char *to = from ? strstr(from + strlen(begin), end) : NULL;

	if (!to)
		return -EINVAL;
	from += strlen(begin);
	int len = base64_decode(
		from, (size_t)(to - from), BASE64_LINES, out->bytes, sizeof(out->bytes));
	if (len <= 0)
		return -EINVAL;
	out->len = (size_t)len;
	return 0;
}

static bool take_text(const json_t *object, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text || strlen(text) >= size || text[0] == '\0' ||
		!plain_text_valid(text, strlen(text)))
		return false;
	snprintf(out, size, "%s", text);
	return true;
}

static int read_answer(const struct buffer *text, struct enroll_ssh_answer *out)
{
	json_error_t where;
	json_t *object = text->len ? json_loadb((const char *)buffer_front(text), text->len,
					     JSON_REJECT_DUPLICATES, &where)
				   : NULL;
	json_int_t port = json_integer_value(json_object_get(object, "port"));
	bool good = take_text(object, "device", out->device, sizeof(out->device)) &&
		    take_text(object, "workstation", out->workstation, sizeof(out->workstation)) &&
		    take_text(object, "server_id", out->server_id, sizeof(out->server_id)) &&
		    server_id_valid(out->server_id) && port > 0 && port <= UINT16_MAX &&
		    der_of(json_string_value(json_object_get(object, "certificate")), &out->cert) ==
			    0 &&
		    der_of(json_string_value(json_object_get(object, "ca")), &out->ca) == 0;

	out->port = (uint16_t)port;
	json_decref(object);
	return good ? 0 : -EPROTO;
}

/* ---- the run ---- */

/* Sends the request, then reads to the end. */
static int converse(int fd, const char *csr, struct buffer *out)
{
	uint64_t until = clock_now_ms() + ANSWER_MS;
	size_t left = strlen(csr);

	for (;;) {
		struct fd_poll p = { .fd = fd, .want = left ? FD_READ | FD_WRITE : FD_READ };
		uint64_t now = clock_now_ms();
		uint8_t *room;
		size_t n = 0;
		if (now >= until)
			return -ETIMEDOUT;
		int r = fd_wait(&p, 1, (int)(until - now));
		if (r < 0 && r != -EINTR)
			return r;
		if (left && (p.got & FD_WRITE)) {
			if (fd_write(fd, csr, left, &n) < 0)
				n = left; /* it ended without reading: its standard error says why */
			csr += n;
			left -= n;
			if (left == 0)
				fd_end_writing(fd);
		}
		if (!(p.got & (FD_READ | FD_END)))
			continue;
		if (buffer_reserve(out, 4096, &room) < 0)
			return -E2BIG;
		r = fd_read(fd, room, 4096, &n);
		if (r == -EAGAIN)
			continue;
		if (r < 0 || n == 0)
			return r;
		buffer_commit(out, n);
	}
}

static int fail_by_exit(struct enroll_ssh_error *error, int status, const char *talk)
{
	char text[400];

	if (status == 127)
		return fail(error, 1, "there is no farseatctl in the search path on that host",
			"Install Farseat's server there, or say what to run: --farseatctl /path/to/farseatctl.");
	snprintf(text, sizeof(text), "farseatctl on that host did not sign the request%s%.200s",
		talk[0] ? ": " : "", talk);
	return fail(error, 1, text,
		"It must run as the user that farseatd runs as: try --farseatctl 'sudo -n farseatctl', or an invitation.");
}

static int wait_for_way(
	struct way_tunnel *w, struct dial_result *result, struct enroll_ssh_error *error)
{
	int r;

	while ((r = way_tunnel_take(w, result)) == -EAGAIN)
		(void)!fd_wait_one(way_tunnel_fd(w), FD_READ, -1);
	if (r == 0 && result->fd >= 0)
		return 0;
	return fail(error, result->refused ? 3 : 1, result->reason,
		result->remedy ? result->remedy : "");
}

static int run(const char *via, const char *command, const char *csr, struct buffer *answer,
	struct enroll_ssh_error *error)
{
	struct way_tunnel *w;
	struct dial_result result = { .fd = -1 };
	char talk[1024] = "";

	if (way_tunnel_open(&w, via, "", 0, command) < 0)
		return fail(error, 1, "out of memory", "");
	int r = wait_for_way(w, &result, error);
	if (r == 0) {
		int e = converse(result.fd, csr, answer);
		int status = e == 0 ? way_tunnel_exit(w, talk, sizeof(talk)) : 255;
		if (e < 0)
			r = fail(error, 1,
				e == -ETIMEDOUT ? "farseatctl on that host does not answer"
						: "the SSH connection broke",
				"Try again.");
		else if (status != 0)
			r = fail_by_exit(error, status, talk);
	}
	fd_close(&result.fd);
	way_tunnel_close(w);
	return r;
}

/* The remote shell splits it: plain words only. */
static bool command_is_plain(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./_- =";

	return text[0] != '\0' && strlen(text) < 128 && text[strspn(text, plain)] == '\0';
}

/* The address to keep: where the SSH host is, as ~/.ssh/config completes it. */
static int find_host(const char *via, struct enroll_ssh_answer *out, struct enroll_ssh_error *error)
{
	static struct ssh_host hops[SSH_HOPS_MAX]; /* large; only one enrolment runs at a time */
	size_t count = 0;
	int r = ssh_hops(via, hops, &count);

	if (r < 0 && r != -ELOOP) /* the tunnel reports -ELOOP itself */
		return fail(error, 2, "that is not ssh://USER@HOST[:PORT]", "");
	const struct record_tunnel_config *last = &hops[count - 1].config;
	snprintf(out->host, sizeof(out->host), "%s", last->address);
	snprintf(out->login, sizeof(out->login), "%s", hops[count - 1].text);
	return 0;
}

int enroll_ssh(const char *url, const char *via, const char *farseatctl, const char *csr,
	struct enroll_ssh_answer *out, struct enroll_ssh_error *error)
{
	char hops[WAY_TEXT_MAX_BYTES], command[256];
	struct ssh_destination d;
	struct buffer answer;

	memset(out, 0, sizeof(*out));
	if (ssh_destination_parse(url, strlen(url), &d) < 0 ||
		snprintf(hops, sizeof(hops), "%s%s%s", via, via[0] ? "," : "", url) >=
			(int)sizeof(hops))
		return fail(error, 2, "that is not ssh://USER@HOST[:PORT]", "");
	if (!command_is_plain(farseatctl))
		return fail(error, 2,
			"--farseatctl must be plain words: letters, digits, blanks and . / _ - =",
			"");
	if (find_host(hops, out, error) < 0)
		return -1;
	snprintf(command, sizeof(command), "%s sign --json --csr -", farseatctl);
	buffer_init(&answer, ANSWER_MAX_BYTES);
	int r = run(hops, command, csr, &answer, error);
	if (r == 0 && read_answer(&answer, out) < 0)
		r = fail(error, 1, "what farseatctl on that host said cannot be understood",
			"Is it the same version of Farseat? A shell's start-up files there must print nothing.");
	buffer_finish(&answer);
	return r;
}
