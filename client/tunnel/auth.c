/*
 * Who we are, to the SSH server: the agent's keys, the key files, then what the person is asked:
 * keyboard-interactive, password. The agent is asked to sign, and never forwarded.
 */
#include "client/tunnel/tunnel.h"

#include "common/base/base64.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSPHRASE_TRIES 3 /* as ssh's NumberOfPasswordPrompts */
#define PASSWORD_TRIES   3
#define BLOB_MAX_BYTES   4096 /* a public key; RSA of 16384 bits: 2 KB */

/* Positive: not this way, try the next. */
#define NOT_SO 1

struct attempt {
	struct tunnel *t;
	char methods[256]; /* that the server takes */
	char note[192];    /* why something was not even tried */
};

/* Whether libssh2 can use such a key: what it sends for others, servers refuse. */
static bool usable(struct attempt *a, const char *type, const char *what)
{
	bool rsa = strcmp(type, "ssh-rsa") == 0;

	if (rsa && libssh2_version(0x010b00) == NULL) { /* without SHA-2 before 1.11 */
		snprintf(a->note, sizeof(a->note),
			"; the RSA key %.60s needs libssh2 1.11 (here: %s)", what,
			libssh2_version(0));
		return false;
	}
	if (rsa || strcmp(type, "ssh-ed25519") == 0 || strncmp(type, "ecdsa-sha2-", 11) == 0)
		return true;
	snprintf(a->note, sizeof(a->note),
		"; the key %.60s is of a type that Farseat cannot use (%.60s)", what, type);
	return false;
}

static bool offers(const struct attempt *a, const char *method)
{
	size_t len = strlen(method);

	for (const char *at = a->methods; *at;) {
		size_t n = strcspn(at, ",");
		if (n == len && memcmp(at, method, len) == 0)
			return true;
		at += n + (at[n] == ',');
	}
	return false;
}

static void note_method(struct tunnel *t, const char *method)
{
	snprintf(t->open.method, sizeof(t->open.method), "%s", method);
}

/* After a refusal: whether the connection still lives. */
static int next_way(struct attempt *a, int error)
{
	if (error != LIBSSH2_ERROR_SOCKET_RECV && error != LIBSSH2_ERROR_SOCKET_SEND &&
		error != LIBSSH2_ERROR_SOCKET_DISCONNECT && a->t->lost == 0)
		return NOT_SO;
	return tunnel_fail(a->t, RECORD_TUNNEL_AUTH, false,
		"the SSH server %.60s ended the connection while we authenticated; it may have been offered too many keys (IdentitiesOnly in ~/.ssh/config)",
		a->t->config.host);
}

/* ---- agent ---- */

static const struct tunnel_key *file_of(const struct tunnel *t, const char *key)
{
	for (size_t i = 0; i < t->keys.count; i++)
		if (t->keys.list[i].public.len > 0 && tunnel_key_is(&t->keys.list[i].public, key))
			return &t->keys.list[i];
	return NULL;
}

static int try_identity(struct attempt *a, struct libssh2_agent_publickey *identity)
{
	struct tunnel *t = a->t;
	int r;

	TUNNEL_REPEAT(t, r, libssh2_agent_userauth(t->agent, t->config.user, identity));
	if (r != 0)
		return next_way(a, r);
	note_method(t, "publickey (agent)");
	return 0;
}

/* ssh's order: first the agent's keys that the configuration names, then its others. */
static int try_agent(struct attempt *a, bool named)
{
	struct tunnel *t = a->t;
	struct libssh2_agent_publickey *identity = NULL, *previous = NULL;
	int r = NOT_SO;

	if (!t->agent)
		return NOT_SO;
	while (r == NOT_SO && libssh2_agent_get_identity(t->agent, &identity, previous) == 0) {
		char text[BASE64_TEXT_BYTES(BLOB_MAX_BYTES)], type[64] = "";
		previous = identity;
		if (identity->blob_len < 4 || identity->blob_len > BLOB_MAX_BYTES ||
			!base64_encode(identity->blob, identity->blob_len, BASE64_PADDED, text,
				sizeof(text)))
			continue;
		size_t type_len = identity->blob[3];
		if (type_len < sizeof(type) && type_len + 4 <= identity->blob_len)
			memcpy(type, identity->blob + 4, type_len);
		if ((file_of(t, text) != NULL) == named && usable(a, type, "in the agent"))
			r = try_identity(a, identity);
	}
	return r;
}

/* ---- key files ---- */

static bool in_agent(const struct tunnel *t, const struct tunnel_key *k)
{
	struct libssh2_agent_publickey *identity = NULL, *previous = NULL;
	char text[BASE64_TEXT_BYTES(BLOB_MAX_BYTES)];

	while (t->agent && libssh2_agent_get_identity(t->agent, &identity, previous) == 0) {
		previous = identity;
		if (identity->blob_len <= BLOB_MAX_BYTES &&
			base64_encode(identity->blob, identity->blob_len, BASE64_PADDED, text,
				sizeof(text)) &&
			tunnel_key_is(&k->public, text))
			return true;
	}
	return false;
}

static int offer_key(
	struct attempt *a, const struct tunnel_key *k, const char *passphrase, int *error)
{
	struct tunnel *t = a->t;
	const char *user = t->config.user;
	bool has_public = k->public.len > 0;
	int r;

	TUNNEL_REPEAT(t, r,
		libssh2_userauth_publickey_frommemory(t->session, user, strlen(user),
			has_public ? (const char *)buffer_front(&k->public) : NULL, k->public.len,
			(const char *)buffer_front(&k->private), k->private.len, passphrase));
	*error = r;
	if (r != 0)
		return next_way(a, r);
	note_method(t, "publickey");
	return 0;
}

static int ask_passphrase(
	struct tunnel *t, const struct tunnel_key *k, struct record_tunnel_answer *answer)
{
	struct tunnel_record q = { .type = RECORD_TUNNEL_QUESTION };

	q.tunnel_question.kind = RECORD_ASK_PASSPHRASE;
	tunnel_clean(q.tunnel_question.about, sizeof(q.tunnel_question.about), k->path,
		strlen(k->path)); /* it may have any bytes */
	snprintf(q.tunnel_question.prompts[0].text, sizeof(q.tunnel_question.prompts[0].text),
		"Passphrase of the key %.200s: ", q.tunnel_question.about);
	q.tunnel_question.prompt_count = 1;
	int r = tunnel_ask(t, &q, answer);
	if (r < 0 && r != -ENOENT)
		return tunnel_fail_wait(t, -EPIPE);
	return r == 0 && answer->count == 1 && answer->texts[0][0] != '\0' ? 0 : NOT_SO;
}

static int try_with_passphrase(struct attempt *a, const struct tunnel_key *k)
{
	struct record_tunnel_answer answer;
	int error = 0, r = NOT_SO;

	for (int i = 0; i < PASSPHRASE_TRIES && r == NOT_SO; i++) {
		r = ask_passphrase(a->t, k, &answer);
		if (r == 0)
			r = offer_key(a, k, answer.texts[0], &error);
		else
			i = PASSPHRASE_TRIES; /* the person gave none */
		secure_wipe(&answer, sizeof(answer));
		if (error == LIBSSH2_ERROR_AUTHENTICATION_FAILED)
			break; /* the passphrase was right, the server does not want the key */
	}
	return r;
}

static int try_file(struct attempt *a, const struct tunnel_key *k)
{
	char type[64];
	int error = 0;

	if (k->private.len == 0 || in_agent(a->t, k))
		return NOT_SO;
	tunnel_key_type(&k->public, type, sizeof(type));
	if (type[0] != '\0' && !usable(a, type, k->path))
		return NOT_SO;
	if (!k->encrypted) {
		int r = offer_key(a, k, "", &error);
		if (error != 0 && error != LIBSSH2_ERROR_AUTHENTICATION_FAILED)
			snprintf(a->note, sizeof(a->note),
				"; %.100s is no key that Farseat can read", k->path);
		return r;
	}
	if (!a->t->config.ask) {
		snprintf(a->note, sizeof(a->note),
			"; the key %.60s needs its passphrase, and there is nobody to ask (ssh-add it)",
			k->path);
		return NOT_SO;
	}
	/* By its public part the server says whether it wants the key, before anybody types.
	 * libssh2 then fails to sign: that says yes. */
	if (k->public.len > 0) {
		int r = offer_key(a, k, "", &error);
		if (r != NOT_SO || error == LIBSSH2_ERROR_AUTHENTICATION_FAILED)
			return r;
	}
	return try_with_passphrase(a, k);
}

/* ---- the person ---- */

/* In a callback of libssh2, which knows only its session's tunnel: the parent is asked while the
 * SSH server waits. Answers are libssh2's to free. */
static LIBSSH2_USERAUTH_KBDINT_RESPONSE_FUNC(on_prompts)
{
	struct tunnel *t = *abstract;
	struct tunnel_record q = { .type = RECORD_TUNNEL_QUESTION };
	struct record_tunnel_question *question = &q.tunnel_question;
	struct record_tunnel_answer answer = { 0 };

	if (num_prompts <= 0) /* a message without a question */
		return;
	question->kind = RECORD_ASK_SERVER;
	tunnel_clean(question->about, sizeof(question->about), name, (size_t)MAX(name_len, 0));
	tunnel_clean(question->instruction, sizeof(question->instruction), instruction,
		(size_t)MAX(instruction_len, 0));
	for (int i = 0; i < num_prompts && i < RECORD_PROMPTS_MAX; i++) {
		struct record_prompt *p = &question->prompts[i];
		tunnel_clean(p->text, sizeof(p->text), prompts[i].text, prompts[i].length);
		p->echo = prompts[i].echo != 0;
		question->prompt_count++;
	}
	/* It asks more than we pass on: empty answers, which the server refuses. */
	if (num_prompts <= RECORD_PROMPTS_MAX && tunnel_ask(t, &q, &answer) < 0) {
		answer.count = 0;
		t->config.ask = false; /* a person who does not answer is not asked again */
	}
	for (int i = 0; i < num_prompts; i++) {
		const char *text = (size_t)i < answer.count ? answer.texts[i] : "";
		responses[i].text = strdup(text);
		responses[i].length = responses[i].text ? (unsigned)strlen(text) : 0;
	}
	secure_wipe(&answer, sizeof(answer));
}

static int try_interactive(struct attempt *a)
{
	struct tunnel *t = a->t;
	int r = LIBSSH2_ERROR_AUTHENTICATION_FAILED;

	for (int i = 0; i < PASSWORD_TRIES && t->config.ask; i++) {
		const char *user = t->config.user;
		TUNNEL_REPEAT(t, r,
			libssh2_userauth_keyboard_interactive_ex(
				t->session, user, (unsigned)strlen(user), on_prompts));
		if (r == 0) {
			note_method(t, "keyboard-interactive");
			return 0;
		}
		int way = next_way(a, r);
		if (way < 0)
			return way;
	}
	return NOT_SO;
}

static int try_password(struct attempt *a)
{
	struct tunnel *t = a->t;
	struct tunnel_record q = { .type = RECORD_TUNNEL_QUESTION };
	struct record_tunnel_answer answer;
	int r = 0;

	q.tunnel_question.kind = RECORD_ASK_PASSWORD;
	snprintf(q.tunnel_question.prompts[0].text, sizeof(q.tunnel_question.prompts[0].text),
		"Password of %.60s on %.100s: ", t->config.user, t->config.host);
	q.tunnel_question.prompt_count = 1;
	for (int i = 0; i < PASSWORD_TRIES; i++) {
		if (tunnel_ask(t, &q, &answer) < 0 || answer.count != 1)
			return NOT_SO;
		const char *user = t->config.user;
		TUNNEL_REPEAT(t, r,
			libssh2_userauth_password_ex(t->session, user, (unsigned)strlen(user),
				answer.texts[0], (unsigned)strlen(answer.texts[0]), NULL));
		secure_wipe(&answer, sizeof(answer));
		if (r == 0) {
			note_method(t, "password");
			return 0;
		}
		int way = next_way(a, r);
		if (way < 0)
			return way;
	}
	return NOT_SO;
}

/* ---- in order ---- */

/* The methods that the server takes. 0 with no methods: it let us in without any. */
static int ask_methods(struct attempt *a)
{
	struct tunnel *t = a->t;
	uint64_t until_ms = clock_now_ms() + TUNNEL_HANDSHAKE_MS;
	const char *user = t->config.user;
	char *list;

	while (!(list = libssh2_userauth_list(t->session, user, (unsigned)strlen(user)))) {
		if (libssh2_userauth_authenticated(t->session)) {
			note_method(t, "none");
			return 0;
		}
		if (libssh2_session_last_errno(t->session) != LIBSSH2_ERROR_EAGAIN)
			return tunnel_fail_ssh(t, "asking how to authenticate");
		int r = tunnel_wait(t, until_ms);
		if (r < 0)
			return tunnel_fail_wait(t, r);
	}
	tunnel_clean(a->methods, sizeof(a->methods), list, strlen(list));
	return NOT_SO;
}

static int try_all(struct attempt *a)
{
	struct tunnel *t = a->t;
	int r = NOT_SO;

	if (offers(a, "publickey")) {
		r = try_agent(a, true);
		if (r == NOT_SO && !t->config.identities_only)
			r = try_agent(a, false);
		for (size_t i = 0; i < t->keys.count && r == NOT_SO; i++)
			r = try_file(a, &t->keys.list[i]);
	}
	if (r == NOT_SO && t->config.ask && offers(a, "keyboard-interactive"))
		r = try_interactive(a);
	if (r == NOT_SO && t->config.ask && offers(a, "password"))
		r = try_password(a);
	return r;
}

int tunnel_authenticate(struct tunnel *t)
{
	struct attempt a = { .t = t };
	int r = ask_methods(&a);

	if (r == NOT_SO)
		r = try_all(&a);
	tunnel_keys_finish(&t->keys);
	if (r < 0)
		return r;
	if (r == NOT_SO)
		return tunnel_fail(t, RECORD_TUNNEL_AUTH, false,
			"the SSH server %.60s does not let '%.40s' in (it takes: %.60s)%s",
			t->config.host, t->config.user, a.methods,
			a.note[0] ? a.note : t->keys.skipped);
	tunnel_step(t, "SSH authentication", t->open.method);
	return 0;
}
