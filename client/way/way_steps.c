#include "client/way/way_steps.h"

#include <stdio.h>

/* As farseat-tunnel tells them, in this order (client/tunnel). */
static const char *const names[] = { "SSH key exchange", "SSH host key", "SSH authentication",
	"SSH channel" };

static void add(
	struct way_steps *s, const char *name, const char *detail, uint32_t took_us, bool failed)
{
	if (s->count == WAY_STEPS_MAX)
		return;
	struct dial_step *step = &s->list[s->count++];

	/* A name is a few words (names, above); a tunnel that says more is cut. */
	snprintf(step->name, sizeof(step->name), "hop %zu %.24s", s->hop + 1, name);
	snprintf(step->detail, sizeof(step->detail), "%s", detail);
	step->took_us = took_us;
	step->failed = failed;
}

void way_steps_dialed(struct way_steps *s, const struct dial_result *r)
{
	char addresses[32];

	if (r->name_failed) {
		add(s, "name resolution", r->reason, r->resolve_us, true);
		return;
	}
	snprintf(addresses, sizeof(addresses), "%u address%s", r->addresses,
		r->addresses == 1 ? "" : "es");
	add(s, "name resolution", addresses, r->resolve_us, false);
	add(s, "TCP connection", r->fd < 0 ? r->reason : r->address, r->connect_us, r->fd < 0);
}

void way_steps_hop(struct way_steps *s, size_t hop)
{
	s->hop = hop;
	s->in_hop = 0;
	s->at_us = 0;
}

void way_steps_done(struct way_steps *s, const struct record_link_step *step)
{
	add(s, step->step, step->detail, step->at_us > s->at_us ? step->at_us - s->at_us : 0,
		false);
	s->at_us = step->at_us;
	s->in_hop++;
}

void way_steps_failed(struct way_steps *s, const char *reason)
{
	/* way_steps_dialed has already told a dial's own failure. */
	if (s->count > 0 && s->list[s->count - 1].failed)
		return;
	add(s, names[MIN(s->in_hop, ARRAY_LEN(names) - 1)], reason, 0, true);
}
