#include "client/window/window_sound.h"

#include "client/window/window_state.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <string.h>

/* What the device asks for at once: 10 ms. 5 are granted as well, and run dry where the laptop has more to do
 * than cores, since SDL keeps no more than that ahead. */
#define DEVICE_FRAMES 480
/* The device stays open for so long after the last sound, as the next one often follows. */
#define CLOSE_AFTER_MS 2000

/* SDL_AudioCallback, in the device's thread. */
static void SDLCALL pull(void *user, Uint8 *out, int len)
{
	struct window_sound *s = user;
	const size_t frame_bytes = SOUND_CHANNELS * sizeof(int16_t);

	sound_player_pull(&s->player, (int16_t *)(void *)out, (size_t)len / frame_bytes);
}

static void close_device(struct window_sound *s)
{
	if (s->device)
		SDL_CloseAudioDevice(s->device);
	s->device = 0;
	s->close_ms = 0;
}

/* SDL's sound is begun with the first stream: a session that is silent opens nothing. */
static void open_device(struct window_sound *s)
{
	const SDL_AudioSpec wanted = { .freq = WIRE_SOUND_RATE_HZ,
		.format = AUDIO_S16SYS,
		.channels = SOUND_CHANNELS,
		.samples = DEVICE_FRAMES,
		.callback = pull,
		.userdata = s };
	SDL_AudioSpec got;

	if (s->device || s->broken)
		return;
	if (!SDL_WasInit(SDL_INIT_AUDIO) && SDL_InitSubSystem(SDL_INIT_AUDIO) < 0)
		s->broken = true;
	else
		s->device =
			SDL_OpenAudioDevice(NULL, 0, &wanted, &got, SDL_AUDIO_ALLOW_SAMPLES_CHANGE);
	s->broken = s->broken || !s->device;
	if (s->broken) {
		log_warn("no sound: %s", SDL_GetError());
		return;
	}
	log_debug("sound by %s, %u frames at once", SDL_GetCurrentAudioDriver(), got.samples);
	SDL_PauseAudioDevice(s->device, 0);
}

/* The player stands still between the two. */
static void lock(const struct window_sound *s)
{
	if (s->device)
		SDL_LockAudioDevice(s->device);
}

static void unlock(const struct window_sound *s)
{
	if (s->device)
		SDL_UnlockAudioDevice(s->device);
}

static void set_volume(struct window_sound *s)
{
	/* Loudness is heard by its logarithm: the square is near enough to it. */
	float volume = (float)s->volume / 100;

	lock(s);
	s->player.volume = s->muted ? 0 : volume * volume;
	unlock(s);
}

static void end_stream(struct window_sound *s)
{
	if (s->streams && s->device)
		s->close_ms = clock_now_ms() + CLOSE_AFTER_MS;
	lock(s);
	if (s->streams)
		log_debug("sound: %.1f ms wait, %u gaps, %u jumps",
			sound_player_waiting(&s->player) * 1000 / WIRE_SOUND_RATE_HZ,
			s->player.gaps, s->player.jumps);
	sound_player_end(&s->player);
	unlock(s);
	s->streams = false;
}

void window_sound_open(struct window *w)
{
	struct window_sound *s = &w->sound;

	s->on = w->options.sound;
	s->volume = 100;
	s->ring.fd = -1;
	sound_player_init(&s->player);
}

static void drop_ring(struct window_sound *s)
{
	lock(s);
	sound_player_attach(&s->player, NULL);
	unlock(s);
	ipc_memory_finish(&s->ring);
}

void window_sound_close(struct window *w)
{
	close_device(&w->sound);
	drop_ring(&w->sound);
}

/* A ring of its own for each link: what one that was taken over has left behind is heard by nobody. */
static bool make_ring(struct window_sound *s)
{
	drop_ring(s);
	int r = ipc_memory_create(&s->ring, "farseat-sound", SOUND_RING_BYTES);
	if (r < 0) {
		log_warn("no sound: %s", strerror(-r));
		return false;
	}
	lock(s);
	sound_player_attach(&s->player, s->ring.bytes);
	unlock(s);
	return true;
}

void window_sound_update(struct window *w)
{
	struct window_sound *s = &w->sound;
	bool may = connection_is_up(w->connection) && connection_has_sound(w->connection) &&
		   (connection_caps(w->connection) & WIRE_CAP_SOUND);

	if (!may) {
		s->asked = false;
		end_stream(s);
	} else if (s->on && !s->asked) {
		s->asked = make_ring(s) && connection_hear(w->connection, &s->ring);
		s->there = true; /* until it says that it has none */
	} else if (!s->on && s->asked) {
		s->asked = false;
		end_stream(s);
		(void)connection_hear(w->connection, NULL);
	}
}

void window_sound_message(void *window, const struct wire_message *m)
{
	struct window_sound *s = &((struct window *)window)->sound;

	if (!s->asked) /* it was under way */
		return;
	if (m->type == WIRE_SOUND_STOP) {
		s->there = m->sound_stop.reason == WIRE_SOUND_SILENT;
		end_stream(s);
		return;
	}
	s->there = true;
	s->streams = true;
	s->close_ms = 0;
	lock(s);
	sound_player_begin(&s->player);
	unlock(s);
	open_device(s);
}

void window_sound_device(struct window *w, const SDL_AudioDeviceEvent *e)
{
	struct window_sound *s = &w->sound;

	if (e->iscapture)
		return;
	/* SDL does not open another one by itself; and one that comes may be where none was. */
	if (e->type == SDL_AUDIODEVICEREMOVED && e->which == s->device)
		close_device(s);
	s->broken = false;
	if (s->streams)
		open_device(s);
}

void window_sound_step(struct window *w, uint64_t now_ms)
{
	if (w->sound.close_ms && now_ms >= w->sound.close_ms)
		close_device(&w->sound);
}

void window_sound_switch(struct window *w)
{
	w->sound.on = !w->sound.on;
	window_sound_update(w);
	window_keep(w, "sound", w->sound.on ? "on" : "off");
}

void window_sound_mute(struct window *w)
{
	w->sound.muted = !w->sound.muted;
	set_volume(&w->sound);
}

void window_sound_change_volume(struct window *w, int by)
{
	w->sound.volume = MAX(MIN(w->sound.volume + by, 100), 0);
	w->sound.muted = false;
	set_volume(&w->sound);
}

const char *window_sound_words(const struct window *w)
{
	const struct window_sound *s = &w->sound;

	if (!s->on)
		return "off";
	if (!s->asked)
		return window_session_open(w) ? "not from this workstation" : "on";
	if (!s->there)
		return "on, the session has none";
	return s->broken ? "on, but no device here" : "on";
}
