/*
 * The way to a workstation: how a connected descriptor is got to it. Directly, through a proxy,
 * through a command's standard input and output, or through SSH jump hosts. What is above sees the
 * descriptor alone and knows no difference; every way carries the same TLS.
 *
 * farseat. A way may have a process of its own, which lives as long as the connection, so the
 * attempt is kept until then.
 */
#pragma once

#include "client/way/dial.h"
#include "common/base/macros.h"
#include "common/ipc/records_link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAY_TEXT_MAX_BYTES 1024
#define WAY_REASON_BYTES   400

/* As a person gives it: at most one is not empty; all empty: directly, or as the environment's
 * proxies say. */
struct way {
	char via[WAY_TEXT_MAX_BYTES];     /* USER@JUMP[:PORT],... */
	char command[WAY_TEXT_MAX_BYTES]; /* for /bin/sh; %h host, %p port, %% percent */
	/* A URL, which may hold a password; or "none": not even the environment's. */
	char proxy[WAY_TEXT_MAX_BYTES];
};

/* What is wrong with it as a way to host, static text, or NULL. host NULL: with the way alone. */
const char *way_wrong(const struct way *way, const char *host);

/* Whether it leads to host directly, as the environment stands now. */
bool way_is_direct(const struct way *way, const char *host);

struct way_attempt;

/*
 * Starts to get a descriptor to host, port. Blocks no longer than starting a program takes.
 * known: where the workstation answered last, or NULL: of use to the direct way alone.
 * -ENOMEM, -EAGAIN; -EINVAL: way_wrong knows why.
 */
int way_open(struct way_attempt **out, const struct way *way, const char *host, uint16_t port,
	const struct net_address *known) MUST_CHECK;

/* To be polled for reading as long as the attempt lives; -1: nothing to poll for. */
int way_fd(const struct way_attempt *a);

/* -EAGAIN: not yet; 0: *out is written, its fd is the caller's. Once; before the first poll too. */
int way_take(struct way_attempt *a, struct dial_result *out) MUST_CHECK;

/* What farseat-link has to be told of the way before LINK_CONFIG; false: nothing. Holds a password:
 * to be wiped. */
bool way_for_link(const struct way_attempt *a, struct record_link_way *out);

/* Sends that, if there is anything to tell. Errors as record_send. */
int way_tell_link(const struct way_attempt *a, struct ipc_channel *link) MUST_CHECK;

/* How much longer than a direct one the way may take before anything answers. */
uint32_t way_patience_ms(const struct way_attempt *a);

/* Takes what the way's own process has said. Call after a poll. */
void way_process(struct way_attempt *a);

/* Whether the person is being asked something on the way: limits of time wait. */
bool way_asking(struct way_attempt *a);

/* The session is open: the way's process needs no person any more. */
void way_opened(struct way_attempt *a);

/*
 * The connection ended before it was open: whether the way's own process is the reason. Waits a
 * moment for its end. reason gets a sentence of what it said last and how it ended, remedy static
 * text.
 */
bool way_blame(struct way_attempt *a, char reason[static WAY_REASON_BYTES], const char **remedy);

/* Ends the way's process, if there is one. NULL is fine. */
void way_close(struct way_attempt *a);
