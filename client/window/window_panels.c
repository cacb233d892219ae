/* The words on the state card, the menu and the statistics. */
#include "client/window/window_state.h"

#include "client/session/remedy.h"
#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* "3 s", "4 min": the age of something. */
static void age_text(uint64_t ms, char out[static 32])
{
	uint64_t s = ms / 1000;

	if (s < 120)
		snprintf(out, 32, "%llu s", (unsigned long long)s);
	else if (s < 7200)
		snprintf(out, 32, "%llu min", (unsigned long long)(s / 60));
	else
		snprintf(out, 32, "%llu h", (unsigned long long)(s / 3600));
}

/* A reason or remedy as a sentence: they are written so that a command can put its name in front.
 */
static void add_if(struct overlay_words *words, const char *text)
{
	if (!*text)
		return;
	overlay_add_line(words, "%s%s", text, sentence_end(text));
	char *line = words->lines[words->count - 1];
	if (line[0] >= 'a' && line[0] <= 'z' && strncmp(line, "farseat", 7) != 0)
		line[0] = (char)(line[0] - 'a' + 'A');
}

static void lost_words(const struct window *w, struct overlay_words *words, const char *title)
{
	uint64_t now = clock_now_ms();
	char age[32];

	overlay_add_line(words, "%s", title);
	add_if(words, connection_reason(w->connection));
	if (w->scene.picture.pixels) {
		uint64_t updated = connection_picture(w->connection)->updated_ms;
		age_text(now > updated ? now - updated : 0, age);
		overlay_add_line(words, "The picture is %s old. Trying to reach %s again.", age,
			w->workstation.name);
	} else {
		add_if(words, connection_remedy(w->connection));
		uint64_t since = connection_lost_since_ms(w->connection);
		age_text(since && now > since ? now - since : 0, age);
		overlay_add_line(words, "Trying again for %s.", age);
	}
}

static void final_words(const struct window *w, struct overlay_words *words, const char *title)
{
	overlay_add_line(words, "%s", title);
	add_if(words, connection_reason(w->connection));
	add_if(words, connection_remedy(w->connection));
	overlay_add_line(words, "Enter tries again, Esc closes the window.");
}

static bool card_words(const struct window *w, struct overlay_words *words)
{
	const char *host = w->workstation.host;
	bool again = connection_lost_since_ms(w->connection) != 0;

	if (connection_renewing(w->connection))
		return false;
	switch (connection_state(w->connection)) {
	case CONNECTION_OPEN:
		if (w->scene.picture.pixels)
			return false;
		overlay_add_line(words, "Connected to %s", w->workstation.name);
		overlay_add_line(words, "Waiting for the picture.");
		return true;
	case CONNECTION_IDLE:
	case CONNECTION_DIALING:
	case CONNECTION_SECURING:
		if (again) {
			lost_words(w, words, "Reconnecting");
			return true;
		}
		overlay_add_line(words, "Connecting to %s", w->workstation.name);
		if (connection_state(w->connection) == CONNECTION_SECURING)
			overlay_add_line(words, "%s answers; both ends prove who they are.", host);
		else
			overlay_add_line(words, "Looking for %s, port %u.", host,
				(unsigned)w->workstation.port);
		return true;
	case CONNECTION_SILENT:
		overlay_add_line(words, "No answer");
		{
			char age[32];
			uint64_t now = clock_now_ms(),
				 since = connection_lost_since_ms(w->connection);
			age_text(now > since ? now - since : 0, age);
			overlay_add_line(words,
				"Nothing was heard from %s for %s; the picture is as old.",
				w->workstation.name, age);
		}
		return true;
	case CONNECTION_LOST:
		lost_words(w, words,
			again && w->scene.picture.pixels ? "Connection lost" : "No connection yet");
		return true;
	case CONNECTION_REFUSED:
		final_words(w, words, "Refused");
		return true;
	case CONNECTION_ENDED:
		final_words(w, words, "Session ended");
		return true;
	case CONNECTION_FAILED:
		final_words(w, words, "That did not work");
		return true;
	}
	return false;
}

static void bytes_text(double bytes_per_s, char out[static 32])
{
	if (bytes_per_s < 1e4)
		snprintf(out, 32, "%.0f B/s", bytes_per_s);
	else if (bytes_per_s < 1e7)
		snprintf(out, 32, "%.0f kB/s", bytes_per_s / 1e3);
	else
		snprintf(out, 32, "%.1f MB/s", bytes_per_s / 1e6);
}

static void stats_words(const struct window *w, struct overlay_words *words)
{
	const struct stats *s = &w->stats;
	char rate[32];

	bytes_text(s->bytes_per_s, rate);
	overlay_add_line(words, "pictures     %6.1f /s   %s", s->fps, rate);
	overlay_add_line(words, "round trip   %6.1f ms", s->rtt_us / 1e3);
	overlay_add_line(words, "decoding     %6.1f ms   p95 %.1f", s->decode_us_p50 / 1e3,
		s->decode_us_p95 / 1e3);
	if (s->photon_us.count > 0)
		overlay_add_line(words, "key to screen%6.1f ms   p95 %.1f",
			samples_percentile(&s->photon_us, 50) / 1e3,
			samples_percentile(&s->photon_us, 95) / 1e3);
	else
		overlay_add_line(words, "key to screen     -");
	overlay_add_line(words, "%s", s->exact ? "\xe2\x97\x8f exact" : "\xe2\x97\x8b refining");
}

static void here_words(const struct window *w, struct overlay_words *words)
{
	const struct wire_welcome *welcome = connection_welcome(w->connection);
	char when[32] = "";
	struct tm tm;

	if (!welcome || welcome->last_device_s <= 0)
		return;
	time_t at = (time_t)welcome->last_device_s;
	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%e %b %H:%M", &tm);
	overlay_add_line(words, "\tHere last: %.60s, %s; refused since: %u", welcome->last_device,
		when, (unsigned)welcome->refused);
}

static void menu_words(const struct window *w, struct overlay_words *words)
{
	overlay_add_line(
		words, "%s\tCtrl+Alt+Enter", w->fullscreen ? "Leave full screen" : "Full screen");
	overlay_add_line(words, "Scale: %s\t", scale_mode_name(w->scene.geometry.mode));
	overlay_add_line(words, "%s\tCtrl+Alt+G",
		w->grab ? "Keep shortcuts on this laptop" : "Send shortcuts to the session");
	overlay_add_line(words, "Send Ctrl+Alt+Del\t");
	overlay_add_line(words, "%s\t", w->options.stats ? "Hide statistics" : "Statistics");
	overlay_add_line(words, "Disconnect\t");
	here_words(w, words);
	words->selected = w->menu_selected;
}

bool window_panels_tick(const struct window *w)
{
	return w->options.stats || connection_state(w->connection) != CONNECTION_OPEN;
}

static void update_stats(struct window *w)
{
	static struct overlay_words words; /* large; one thread */
	const struct geometry *g = &w->scene.geometry;

	w->stats_due = false;
	memset(&words, 0, sizeof(words));
	if (w->options.stats)
		stats_words(w, &words);
	overlay_show(&w->overlay, OVERLAY_STATS, w->options.stats ? &words : NULL,
		g->window_width_px, g->window_height_px, &w->dirty_window);
}

void window_update_panels(struct window *w)
{
	static struct overlay_words words; /* large; one thread */
	const struct geometry *g = &w->scene.geometry;

	memset(&words, 0, sizeof(words));
	bool card = card_words(w, &words);
	overlay_show(&w->overlay, OVERLAY_CARD, card ? &words : NULL, g->window_width_px,
		g->window_height_px, &w->dirty_window);

	/* The figures change with every picture; once a second is enough to read them. */
	if (w->stats_due || w->options.stats != (w->overlay.panels[OVERLAY_STATS].surface != NULL))
		update_stats(w);
	memset(&words, 0, sizeof(words));
	if (w->menu_open)
		menu_words(w, &words);
	overlay_show(&w->overlay, OVERLAY_MENU, w->menu_open ? &words : NULL, g->window_width_px,
		g->window_height_px, &w->dirty_window);

	bool dimmed = card && w->scene.picture.pixels;
	if (dimmed != w->scene.dimmed) {
		w->scene.dimmed = dimmed;
		window_everything_dirty(w);
	}
	for (size_t i = 0; i < OVERLAY_PANELS; i++)
		w->scene.panels[i] = w->overlay.panels[i];
}
