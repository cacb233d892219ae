#include "client/way/ssh_path.h"

#include "common/base/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 64 /* of a variable or a user; longer ones are none */

struct expansion {
	const struct ssh_tokens *tokens;
	char *out;
	size_t size, len;
	char *why; /* SSH_PATH_WHY_BYTES */
};

static int add(struct expansion *e, const char *part, size_t len)
{
	if (len >= e->size - e->len) {
		snprintf(e->why, SSH_PATH_WHY_BYTES, "it is longer than %zu bytes", e->size - 1);
		return -ENAMETOOLONG;
	}
	memcpy(e->out + e->len, part, len);
	e->len += len;
	e->out[e->len] = '\0';
	return 0;
}

static int add_text(struct expansion *e, const char *part)
{
	return add(e, part, strlen(part));
}

/* %l, or up to its first dot %L. */
static int add_own_host(struct expansion *e, bool short_one)
{
	char host[MACHINE_HOST_BYTES];

	if (machine_host(host) < 0) {
		snprintf(e->why, SSH_PATH_WHY_BYTES, "this laptop's name is not known");
		return -EINVAL;
	}
	return add(e, host, short_one ? strcspn(host, ".") : strlen(host));
}

static int add_number(struct expansion *e, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return add_text(e, text);
}

static int add_token(struct expansion *e, char token)
{
	const struct ssh_tokens *t = e->tokens;

	switch (token) {
	case '%':
		return add_text(e, "%");
	case 'd':
		return add_text(e, t->home);
	case 'h':
		return add_text(e, t->address);
	case 'i':
		return add_number(e, machine_user_id());
	case 'j':
		return add_text(e, t->jump);
	case 'k':
		return add_text(e, t->alias);
	case 'l':
		return add_own_host(e, false);
	case 'L':
		return add_own_host(e, true);
	case 'n':
		return add_text(e, t->original);
	case 'p':
		return add_number(e, t->port);
	case 'r':
		return add_text(e, t->user);
	case 'u':
		return add_text(e, machine_user());
	default:
		if (token == 'C' && t->hash[0] != '\0')
			return add_text(e, t->hash);
		snprintf(e->why, SSH_PATH_WHY_BYTES, "Farseat does not know its token %%%.1s",
			(char[]){ token, '\0' });
		return -EINVAL;
	}
}

/* ${NAME}; text stands behind its "${". Returns how many bytes of text it takes, or -errno. */
static int add_variable(struct expansion *e, const char *text)
{
	char name[NAME_MAX_BYTES];
	size_t len = strcspn(text, "}");

	if (text[len] == '\0' || len == 0 || len >= sizeof(name)) {
		snprintf(e->why, SSH_PATH_WHY_BYTES, "its ${ has no end");
		return -EINVAL;
	}
	memcpy(name, text, len);
	name[len] = '\0';
	const char *value = getenv(name);
	if (!value) {
		snprintf(e->why, SSH_PATH_WHY_BYTES, "the variable %s is not set", name);
		return -EINVAL;
	}
	int r = add_text(e, value);
	return r < 0 ? r : (int)len + 1;
}

/* "~" or "~user" at the beginning. Returns how many bytes of text it takes, or -errno. */
static int add_home(struct expansion *e, const char *text)
{
	char name[NAME_MAX_BYTES];
	size_t len = strcspn(text + 1, "/");

	if (len == 0) {
		int r = add_text(e, e->tokens->home);
		return r < 0 ? r : 1;
	}
	snprintf(name, sizeof(name), "%.*s", (int)MIN(len, sizeof(name) - 1), text + 1);
	const char *home = len < sizeof(name) ? machine_home_of(name) : NULL;
	if (!home) {
		snprintf(e->why, SSH_PATH_WHY_BYTES, "there is no user %s here", name);
		return -EINVAL;
	}
	int r = add_text(e, home);
	return r < 0 ? r : (int)len + 1;
}

int ssh_path_expand(const struct ssh_tokens *tokens, const char *text, char *out, size_t size,
	char why[static SSH_PATH_WHY_BYTES])
{
	struct expansion e = { .tokens = tokens, .out = out, .size = size, .why = why };
	int r = 0;

	out[0] = '\0';
	if (text[0] == '~') {
		r = add_home(&e, text);
		text += MAX(r, 0);
	}
	while (r >= 0 && *text) {
		if (text[0] == '%') {
			r = add_token(&e, text[1]);
			text += text[1] ? 2 : 1;
		} else if (text[0] == '$' && text[1] == '{') {
			r = add_variable(&e, text + 2);
			text += 2 + MAX(r, 0);
		} else {
			size_t plain = 1 + strcspn(text + 1, "%$");
			r = add(&e, text, plain);
			text += plain;
		}
	}
	return MIN(r, 0);
}

size_t ssh_path_first(const char *list, const char *home)
{
	size_t home_len = strlen(home);
	size_t len = home_len > 1 && strncmp(list, home, home_len) == 0 ? home_len : 0;

	for (; list[len]; len++)
		if (list[len] == ' ' && (list[len + 1] == '/' || list[len + 1] == '~'))
			break;
	return len;
}
