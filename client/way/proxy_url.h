/*
 * A proxy as people name it: http://[USER:PASSWORD@]HOST[:PORT], socks5://..., or the environment
 * variables that other programs follow. farseat.
 */
#pragma once

#include "common/base/macros.h"
#include "common/ipc/records_link.h"

#include <stdbool.h>

struct proxy_url {
	uint8_t kind;                     /* enum record_proxy_kind */
	char host[RECORD_HOST_MAX_BYTES]; /* IPv6 without brackets */
	uint16_t port;
	char user[RECORD_PROXY_TEXT_MAX_BYTES], password[RECORD_PROXY_TEXT_MAX_BYTES]; /* "" none */
};

/* Reads text; %XX in user and password is decoded. NULL: *out is written; else what is wrong,
 * static text that does not repeat it. */
const char *proxy_url_parse(const char *text, struct proxy_url *out);

/*
 * The proxy that the environment names for host: https_proxy, HTTPS_PROXY, all_proxy or ALL_PROXY,
 * the first that is not empty, where no_proxy or NO_PROXY do not except it. NULL: none. *variable
 * is its name. Loopback is never asked of a proxy: there it would be another machine.
 */
const char *proxy_url_of_environment(const char *host, const char **variable);

/* Whether list (no_proxy: "*", names with everything below them, addresses, networks such as
 * 10.0.0.0/8; separated by commas or blanks) has host. */
bool proxy_url_excepts(const char *list, const char *host);
