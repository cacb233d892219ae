/*
 * Paths of ~/.ssh/config: ~, ${VARIABLE} and the tokens of ssh_config(5). farseat.
 *
 * `ssh -G` expands some options (UserKnownHostsFile, IdentityAgent) and prints others as they were
 * written (IdentityFile). An expanded path must not be expanded again: a home may have any character.
 */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

#define SSH_PATH_WHY_BYTES 96

/* What the tokens stand for. All texts are borrowed. */
struct ssh_tokens {
	const char *home;     /* %d, and ~ */
	const char *original; /* %n, the host as it was typed */
	const char *address;  /* %h */
	const char *user;     /* %r */
	const char *alias;    /* %k: HostKeyAlias, or as it was typed */
	const char *jump;     /* %j: ProxyJump, or "" */
	const char *hash;     /* %C, which only ssh itself knows; "" unknown */
	uint16_t port;        /* %p */
};

/*
 * Writes the path that text names to out. -EINVAL: text has a token, a variable or a user that
 * nobody knows; -ENAMETOOLONG. Then why says it, for a person.
 */
int ssh_path_expand(const struct ssh_tokens *tokens, const char *text, char *out, size_t size,
	char why[static SSH_PATH_WHY_BYTES]) MUST_CHECK;

/*
 * The length of the first path in a list as ssh -G prints it, where nothing tells a blank in a path
 * from one between two: the next one begins by "/" or "~". Blanks in home part nothing.
 */
size_t ssh_path_first(const char *list, const char *home);
