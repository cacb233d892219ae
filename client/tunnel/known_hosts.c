#include "client/tunnel/known_hosts.h"

#include "common/base/base64.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 300 /* a host name of 255, brackets and port */

enum marker { MARKER_NONE, MARKER_REVOKED, MARKER_AUTHORITY, MARKER_OTHER };

struct word {
	const char *at;
	size_t len;
};

struct line {
	enum marker marker;
	struct word names, type, key;
};

static bool is(struct word w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

static struct word next_word(const char **at, const char *end)
{
	const char *p = *at;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	struct word w = { .at = p };
	while (p < end && *p != ' ' && *p != '\t' && *p != '\r')
		p++;
	w.len = (size_t)(p - w.at);
	*at = p;
	return w;
}

/* false: an empty line, a comment, or a form that we do not know. */
static bool parse(const char *at, const char *end, struct line *out)
{
	struct word first = next_word(&at, end);

	*out = (struct line){ .marker = MARKER_NONE };
	if (first.len == 0 || first.at[0] == '#')
		return false;
	if (first.at[0] == '@') {
		out->marker = is(first, "@revoked")          ? MARKER_REVOKED
			      : is(first, "@cert-authority") ? MARKER_AUTHORITY
							     : MARKER_OTHER;
		first = next_word(&at, end);
	}
	out->names = first;
	out->type = next_word(&at, end);
	out->key = next_word(&at, end);
	return out->key.len > 0 && out->marker != MARKER_OTHER;
}

static bool same_letter(char pattern, char c)
{
	return pattern == '?' || tolower((unsigned char)pattern) == tolower((unsigned char)c);
}

/* '*' and '?' as ssh has them; case does not matter. Where a match fails only
 * the last star takes one character more, which is enough: never more steps than pattern times name. */
static bool pattern_fits(const char *p, size_t p_len, const char *name)
{
	const char *end = p + p_len, *star = NULL, *taken = NULL;

	while (*name) {
		if (p < end && *p == '*') {
			star = ++p;
			taken = name;
		} else if (p < end && same_letter(*p, *name)) {
			p++;
			name++;
		} else if (star) {
			p = star;
			name = ++taken;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

/* 28 characters of base64: a SHA-1's 20 bytes. */
static bool is_sha1(const char *at)
{
	uint8_t bytes[20];

	return base64_decode(at, 28, BASE64_PADDED, bytes, sizeof(bytes)) == (int)sizeof(bytes);
}

/* "|1|", salt and hash as base64; libssh2 loses memory over others. */
static bool is_hashed(struct word names)
{
	return names.len == 60 && names.at[1] == '1' && names.at[2] == '|' && names.at[31] == '|' &&
	       is_sha1(names.at + 3) && is_sha1(names.at + 32);
}

/* A hashed name: a line with a key of no meaning tells whether libssh2 takes name for it. */
static bool hashed_fits(LIBSSH2_SESSION *session, struct word names, const char *name)
{
	static const char key[] =
		"AAAAB3NzaC1yc2EAAAADAQABAAAAAQ=="; /* libssh2 wants 20 at least */
	char line[NAME_MAX_BYTES], lower[NAME_MAX_BYTES];
	LIBSSH2_KNOWNHOSTS *hosts = libssh2_knownhost_init(session);
	struct libssh2_knownhost *found;
	size_t n = 0;
	bool fits = false;

	if (!hosts)
		return false;
	for (; n < sizeof(lower) - 1 && name[n]; n++)
		lower[n] = (char)tolower((unsigned char)name[n]);
	lower[n] = '\0';
	int len = snprintf(line, sizeof(line), "%.*s ssh-rsa %s", (int)names.len, names.at, key);
	if (len > 0 && (size_t)len < sizeof(line) &&
		libssh2_knownhost_readline(
			hosts, line, (size_t)len, LIBSSH2_KNOWNHOST_FILE_OPENSSH) == 0)
		fits = libssh2_knownhost_check(hosts, lower, key, strlen(key),
			       LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_BASE64 |
				       LIBSSH2_KNOWNHOST_KEY_SSHRSA,
			       &found) == LIBSSH2_KNOWNHOST_CHECK_MATCH;
	libssh2_knownhost_free(hosts);
	return fits;
}

static bool names_fit(LIBSSH2_SESSION *session, struct word names, const char *name)
{
	const char *at = names.at, *end = names.at + names.len;
	bool fits = false;

	if (names.len > 0 && names.at[0] == '|')
		return is_hashed(names) && hashed_fits(session, names, name);
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		bool negated = *at == '!';
		const char *pattern = negated ? at + 1 : at;
		if (pattern_fits(pattern, (size_t)(stop - pattern), name)) {
			if (negated)
				return false;
			fits = true;
		}
		at = stop + 1;
	}
	return fits;
}

typedef void (*line_fn)(void *user, const struct line *line);

static void each_line(const struct known_hosts *k, const char *name, line_fn fn, void *user)
{
	for (size_t i = 0; i < k->count; i++) {
		const char *at = (const char *)buffer_front(&k->texts[i]);
		const char *end = at + k->texts[i].len;
		while (k->texts[i].len > 0 && at < end) {
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			const char *stop = newline ? newline : end;
			struct line line;
			if (parse(at, stop, &line) && names_fit(k->session, line.names, name))
				fn(user, &line);
			at = stop + 1;
		}
	}
}

struct judgement {
	const char *type, *key;
	bool same_key, same_type, other_type, revoked;
};

static void judge(void *user, const struct line *line)
{
	struct judgement *j = user;
	bool same = is(line->type, j->type) && is(line->key, j->key);

	if (line->marker == MARKER_REVOKED)
		j->revoked = j->revoked || same;
	else if (line->marker == MARKER_AUTHORITY)
		return;
	else if (same)
		j->same_key = true;
	else if (is(line->type, j->type))
		j->same_type = true;
	else
		j->other_type = true;
}

static enum known_verdict verdict_of(const struct judgement *j)
{
	if (j->revoked)
		return KNOWN_REVOKED;
	if (j->same_key)
		return KNOWN_GOOD;
	if (j->same_type)
		return KNOWN_CHANGED;
	return j->other_type ? KNOWN_OTHER_TYPE : KNOWN_NOT;
}

/* "[name]:port" -> "name". false: it is not of that kind. */
static bool without_port(const char *host, char out[static NAME_MAX_BYTES])
{
	const char *close = strrchr(host, ']');

	if (host[0] != '[' || !close || (size_t)(close - host) > NAME_MAX_BYTES)
		return false;
	size_t len = (size_t)(close - host) - 1;
	memcpy(out, host + 1, len);
	out[len] = '\0';
	return true;
}

enum known_verdict known_hosts_check(
	const struct known_hosts *k, const char *host, const char *type, const char *key)
{
	struct judgement j = { .type = type, .key = key };
	char plain[NAME_MAX_BYTES];

	each_line(k, host, judge, &j);
	enum known_verdict verdict = verdict_of(&j);
	if (verdict != KNOWN_NOT || !without_port(host, plain))
		return verdict;
	/* As ssh does: another port of a host whose key is known. */
	j = (struct judgement){ .type = type, .key = key };
	each_line(k, plain, judge, &j);
	verdict = verdict_of(&j);
	return verdict == KNOWN_GOOD || verdict == KNOWN_REVOKED ? verdict : KNOWN_NOT;
}

/* Types of keys, and the methods by which a server shows one. Ours in order of preference. */
static const struct {
	const char *type, *methods;
} kinds[] = {
	{ "ssh-ed25519", "ssh-ed25519" }, { "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
	{ "ssh-rsa", "rsa-sha2-512,rsa-sha2-256" }, /* never with SHA-1 */
};

static void note_kind(void *user, const struct line *line)
{
	bool *known = user;

	for (size_t i = 0; i < ARRAY_LEN(kinds) && line->marker == MARKER_NONE; i++)
		if (is(line->type, kinds[i].type))
			known[i] = true;
}

void known_hosts_methods(
	const struct known_hosts *k, const char *host, char out[static KNOWN_METHODS_MAX_BYTES])
{
	bool known[ARRAY_LEN(kinds)] = { false }, any = false;
	char plain[NAME_MAX_BYTES];
	size_t len = 0;

	each_line(k, host, note_kind, known);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		any = any || known[i];
	if (!any && without_port(host, plain))
		each_line(k, plain, note_kind, known);
	out[0] = '\0';
	for (int wanted = 1; wanted >= 0; wanted--)
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (known[i] == (wanted == 1))
				len += (size_t)snprintf(out + len, KNOWN_METHODS_MAX_BYTES - len,
					"%s%s", len ? "," : "", kinds[i].methods);
}

static void note_authority(void *user, const struct line *line)
{
	bool *has = user;

	*has = *has || line->marker == MARKER_AUTHORITY;
}

bool known_hosts_has_authority(const struct known_hosts *k, const char *host)
{
	bool has = false;

	each_line(k, host, note_authority, &has);
	return has;
}
