#include "common/sound/player.h"

#include "common/sound/lateness.h"
#include "common/wire/limits.h"

#include <string.h>

enum {
	FRAMES_PER_MS = WIRE_SOUND_RATE_HZ / 1000,
	/* Of the average that the control goes by: half a second. */
	AVERAGE_FRAMES = WIRE_SOUND_RATE_HZ / 2,
	/* What is quiet is left out by pieces of 2.5 ms. */
	QUIET_FRAMES = FRAMES_PER_MS * 5 / 2,
};

/* The control: so much faster for each frame too many that waits, 0.0005 a ms; at most half a percent,
 * a twelfth of a semitone. 200 ppm then cost 0.4 ms, and 20 ms too many are gone in four seconds. */
#define RATE_PER_FRAME (0.0005 / FRAMES_PER_MS)
#define RATE_MAX       0.005
/* Below this the rate is exactly 1: what waits goes up and down with each frame that comes. */
#define CALM_FRAMES (2 * FRAMES_PER_MS)

/* The volume goes from 0 to 1 in 5 ms. */
#define GAIN_STEP (1.0F / (5 * FRAMES_PER_MS))
/* What is quieter, -60 dB, may be left out where too much waits. */
#define QUIET 33
/* Interpolation looks so far ahead. */
#define AHEAD 2

void sound_player_init(struct sound_player *p)
{
	memset(p, 0, sizeof(*p));
	p->rate = 1;
	p->volume = 1;
}

void sound_player_attach(struct sound_player *p, uint8_t *memory)
{
	p->attached = memory != NULL;
	p->playing = false;
	if (!memory)
		return;
	sound_ring_init(&p->ring, memory);
	p->at = sound_ring_written(&p->ring);
}

void sound_player_begin(struct sound_player *p)
{
	p->ending = false;
}

void sound_player_end(struct sound_player *p)
{
	p->ending = true;
}

/* The ring's word may be anything: at most what a ring holds counts. */
static uint64_t waiting_of(const struct sound_player *p)
{
	uint64_t written = p->attached ? sound_ring_written(&p->ring) : p->at;

	return written >= p->at ? written - p->at : UINT64_MAX;
}

static double target_of(const struct sound_player *p)
{
	uint32_t target = sound_ring_target(&p->ring);

	target = MAX(target, (uint32_t)SOUND_TARGET_MIN_MS * FRAMES_PER_MS);
	return MIN(target, (uint32_t)SOUND_TARGET_MAX_MS * FRAMES_PER_MS);
}

double sound_player_waiting(const struct sound_player *p)
{
	return (double)MIN(waiting_of(p), (uint64_t)SOUND_RING_FRAMES);
}

bool sound_player_is_done(const struct sound_player *p)
{
	return p->ending && waiting_of(p) <= AHEAD;
}

/* To so many frames before the end of what is there. */
static void skip_to(struct sound_player *p, double frames)
{
	p->at = sound_ring_written(&p->ring) - (uint64_t)frames;
	p->waiting = frames;
}

/* Whether to begin, or to go on after a gap. What came while the device was being opened is heard from
 * its begin, if that is not long ago. */
static void begin_if_ready(struct sound_player *p)
{
	double target = target_of(p);
	uint64_t waiting = waiting_of(p);

	if (waiting > SOUND_JUMP_MS * FRAMES_PER_MS)
		skip_to(p, target);
	else if ((double)waiting < target && !(p->ending && waiting > AHEAD))
		return;
	p->playing = true;
	p->waiting = sound_player_waiting(p);
	p->between = 0;
	p->gain = 0;
}

static bool is_quiet(const struct sound_player *p)
{
	for (uint64_t i = 0; i < QUIET_FRAMES; i++)
		for (unsigned c = 0; c < SOUND_CHANNELS; c++) {
			int16_t sample = sound_ring_at(&p->ring, p->at + i, c);
			if (sample > QUIET || sample < -QUIET)
				return false;
		}
	return true;
}

/* Before each piece: how fast it is to be read, by what waits. */
static void control(struct sound_player *p, size_t frames)
{
	double target = target_of(p), waiting = sound_player_waiting(p);
	double share = MIN((double)frames / AVERAGE_FRAMES, 1.0);

	if (waiting > target + SOUND_JUMP_MS * FRAMES_PER_MS) {
		p->jumps++;
		p->gain = 0;
		skip_to(p, target);
		waiting = target;
	}
	p->waiting += (waiting - p->waiting) * share;
	/* Pauses between words and tracks bring the delay back faster than half a percent does. */
	while (p->waiting > 2 * target && waiting > target + QUIET_FRAMES && is_quiet(p)) {
		p->at += QUIET_FRAMES;
		p->waiting -= QUIET_FRAMES;
		waiting -= QUIET_FRAMES;
	}
	double off = p->waiting - target;
	double change = off > -CALM_FRAMES && off < CALM_FRAMES ? 0 : off * RATE_PER_FRAME;
	p->rate = 1 + MAX(MIN(change, RATE_MAX), -RATE_MAX);
}

/* Between the frames at and at + 1, by a curve through four of them (Catmull-Rom): a straight line would
 * take the highest tones away. */
static float curve(const struct sound_player *p, unsigned channel)
{
	float x = (float)p->between;
	float a = sound_ring_at(&p->ring, p->at - 1, channel);
	float b = sound_ring_at(&p->ring, p->at, channel);
	float c = sound_ring_at(&p->ring, p->at + 1, channel);
	float d = sound_ring_at(&p->ring, p->at + 2, channel);

	return b + 0.5F * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a)));
}

static int16_t clip(float sample)
{
	return (int16_t)(sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample);
}

static void step(struct sound_player *p)
{
	p->between += p->rate;
	while (p->between >= 1) {
		p->between -= 1;
		p->at++;
	}
}

static void next_frame(struct sound_player *p, int16_t out[static SOUND_CHANNELS])
{
	if (p->gain < p->volume)
		p->gain = MIN(p->gain + GAIN_STEP, p->volume);
	else if (p->gain > p->volume)
		p->gain = MAX(p->gain - GAIN_STEP, p->volume);
	for (unsigned c = 0; c < SOUND_CHANNELS; c++)
		out[c] = p->last[c] = clip(curve(p, c) * p->gain);
	step(p);
}

/* The last sample fades out, so that a gap does not click as well. */
static void fade(struct sound_player *p, int16_t out[static SOUND_CHANNELS])
{
	for (unsigned c = 0; c < SOUND_CHANNELS; c++)
		out[c] = p->last[c] = (int16_t)(p->last[c] * 31 / 32);
}

void sound_player_pull(struct sound_player *p, int16_t *out, size_t frames)
{
	if (p->attached && !p->playing)
		begin_if_ready(p);
	if (p->playing)
		control(p, frames);
	for (size_t i = 0; i < frames; i++, out += SOUND_CHANNELS) {
		if (p->playing && waiting_of(p) <= AHEAD) {
			p->playing = false;
			p->gaps += !p->ending;
		}
		if (p->playing)
			next_frame(p, out);
		else
			fade(p, out);
	}
}
