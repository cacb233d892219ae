#include "client/window/stats.h"

#include "common/base/serial.h"

#include <string.h>

#define RATE_PERIOD_US 1000000U

void stats_input(struct stats *s, uint32_t serial, uint64_t now_us)
{
	size_t i = serial % STATS_INPUTS_MAX;

	s->inputs[i].serial = serial;
	s->inputs[i].sent_us = now_us;
}

void stats_shown(struct stats *s, uint32_t input_serial, bool exact, uint64_t now_us)
{
	s->frames++;
	s->exact = exact;
	if (input_serial == s->answered)
		return;
	for (size_t i = 0; i < STATS_INPUTS_MAX; i++) {
		uint32_t serial = s->inputs[i].serial;
		if (serial == 0 || !serial_reached(input_serial, serial))
			continue;
		uint64_t took = now_us - s->inputs[i].sent_us;
		samples_add(&s->photon_us, (uint32_t)MIN(took, (uint64_t)UINT32_MAX));
		s->inputs[i].serial = 0;
	}
	s->answered = input_serial;
}

void stats_link(struct stats *s, const struct record_link_stats *link)
{
	s->link = *link;
}

bool stats_tick(struct stats *s, uint64_t now_us)
{
	uint64_t passed = now_us - s->rate_from_us;

	if (s->rate_from_us != 0 && passed < RATE_PERIOD_US)
		return false;
	if (s->rate_from_us != 0) {
		double seconds = (double)passed / RATE_PERIOD_US;
		s->fps = (double)(s->frames - s->rate_frames) / seconds;
		s->bytes_per_s = (double)(s->link.bytes_in - s->rate_bytes) / seconds;
	}
	s->rate_from_us = now_us;
	s->rate_frames = s->frames;
	s->rate_bytes = s->link.bytes_in;
	return true;
}

void stats_reconnected(struct stats *s)
{
	memset(s->inputs, 0, sizeof(s->inputs));
	s->answered = 0;
	s->link.bytes_in = 0;
	s->rate_bytes = 0;
	s->rate_from_us = 0;
}
