/*
 * A command's standard input and output as the way to a workstation, as OpenSSH's ProxyCommand: run
 * by /bin/sh, in a process group of its own, ended with the connection. What it writes to standard
 * error is kept for the message when it fails. farseat.
 */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

#define WAY_COMMAND_LINE_MAX_BYTES 2048 /* expanded */

/*
 * Writes command with %h, %p and %% replaced. -EINVAL: another %, or a host that is no host name or
 * address: it would reach a shell (CVE-2023-51385 was that); -E2BIG.
 */
int way_command_expand(const char *command, const char *host, uint16_t port,
	char out[static WAY_COMMAND_LINE_MAX_BYTES]) MUST_CHECK;
