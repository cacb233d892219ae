#include "server/sound/tap.h"

#include "common/base/log.h"
#include "common/sound/ring.h"
#include "common/wire/limits.h"

enum {
	FRAME_BYTES = SOUND_CHANNELS * sizeof(int16_t),
	BYTES_PER_MS = WIRE_SOUND_RATE_HZ / 1000 * FRAME_BYTES,
};

static void on_samples(pa_stream *stream, size_t len, void *user)
{
	struct sound_tap *t = user;
	const void *bytes;

	while (pa_stream_readable_size(stream) > 0) {
		if (pa_stream_peek(stream, &bytes, &len) < 0 || len == 0)
			return;
		if (bytes) /* NULL: a hole, for which no time passed in the session */
			t->samples(t->user, bytes, len / FRAME_BYTES);
		pa_stream_drop(stream);
	}
}

static void on_state(pa_stream *stream, void *user)
{
	struct sound_tap *t = user;
	pa_stream_state_t state = pa_stream_get_state(stream);

	if (state == PA_STREAM_READY) {
		/* What was asked for and what is given differ (PipeWire gives 2 s where nothing is asked
		 * for), and that is the delay. */
		const pa_buffer_attr *a = pa_stream_get_buffer_attr(stream);
		log_debug("sound: %s is recorded in pieces of %.1f ms",
			pa_stream_get_device_name(stream),
			a ? (double)a->fragsize / BYTES_PER_MS : 0.0);
	} else if (!PA_STREAM_IS_GOOD(state)) {
		t->failed(t->user);
	}
}

bool sound_tap_start(struct sound_tap *t, pa_context *context, const char *monitor, size_t frames)
{
	const pa_sample_spec spec = {
		.format = PA_SAMPLE_S16NE, .rate = WIRE_SOUND_RATE_HZ, .channels = SOUND_CHANNELS
	};
	const uint32_t any = (uint32_t)-1;
	const pa_buffer_attr attr = { .maxlength = any,
		.tlength = any,
		.prebuf = any,
		.minreq = any,
		.fragsize = (uint32_t)(frames * FRAME_BYTES) };

	t->stream = pa_stream_new(context, "What the session plays", &spec, NULL);
	if (!t->stream)
		return false;
	pa_stream_set_state_callback(t->stream, on_state, t);
	pa_stream_set_read_callback(t->stream, on_samples, t);
	if (pa_stream_connect_record(t->stream, monitor, &attr,
		    PA_STREAM_ADJUST_LATENCY | PA_STREAM_DONT_MOVE) < 0) {
		sound_tap_stop(t);
		return false;
	}
	return true;
}

void sound_tap_stop(struct sound_tap *t)
{
	if (!t->stream)
		return;
	pa_stream_set_state_callback(t->stream, NULL, NULL);
	pa_stream_set_read_callback(t->stream, NULL, NULL);
	pa_stream_disconnect(t->stream);
	pa_stream_unref(t->stream);
	t->stream = NULL;
}
