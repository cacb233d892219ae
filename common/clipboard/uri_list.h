/*
 * What a file manager copies: text/uri-list (RFC 2483, section 5), of which the files of this machine
 * are of use. Its bytes come from any program: every line is checked. Pure.
 */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

struct uri_list {
	const uint8_t *at, *end; /* what is left; borrowed */
};

void uri_list_init(struct uri_list *l, const uint8_t *bytes, size_t len);

/*
 * The path of the next file, with its end. 1; 0: there are no more; -EINVAL: the next line is something
 * else (an address of another machine, malformed, longer than size), and was passed over.
 */
int uri_list_next(struct uri_list *l, char *out, size_t size) MUST_CHECK;
