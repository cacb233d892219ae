/* What happened at each SSH hop, for farseat doctor: the lines of dial_result's steps. farseat. */
#pragma once

#include "client/way/dial.h"
#include "client/way/ssh_config.h"

/* Name and TCP of the first, four steps of SSH of each. */
#define WAY_STEPS_MAX (2 + 4 * SSH_HOPS_MAX)

struct way_steps {
	struct dial_step list[WAY_STEPS_MAX];
	size_t count;
	size_t hop;     /* from 0 on */
	size_t in_hop;  /* steps of SSH that this hop has told */
	uint32_t at_us; /* when the last of them was */
};

/* The first hop's connection came, or did not. */
void way_steps_dialed(struct way_steps *s, const struct dial_result *r);

/* From now on it is this hop. */
void way_steps_hop(struct way_steps *s, size_t hop);

/* A step of SSH was done. */
void way_steps_done(struct way_steps *s, const struct record_link_step *step);

/* The one after the last was not. */
void way_steps_failed(struct way_steps *s, const char *reason);
