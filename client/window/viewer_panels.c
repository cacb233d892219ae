/* The words on the state card, the menu and the statistics of a viewer. */
#include "client/window/viewer_state.h"

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

static void lost_words(const struct viewer *v, struct overlay_words *words, const char *title)
{
	uint64_t now = clock_now_ms();
	char age[32];

	overlay_add_line(words, "%s", title);
	add_if(words, connection_reason(v->connection));
	if (v->scene.picture.pixels) {
		uint64_t updated = connection_picture(v->connection)->updated_ms;
		age_text(now > updated ? now - updated : 0, age);
		overlay_add_line(words, "The picture is %s old. Trying to reach %s again.", age,
			v->workstation.name);
	} else {
		add_if(words, connection_remedy(v->connection));
		uint64_t since = connection_lost_since_ms(v->connection);
		age_text(since && now > since ? now - since : 0, age);
		overlay_add_line(words, "Trying again for %s.", age);
	}
}

static void final_words(const struct viewer *v, struct overlay_words *words, const char *title)
{
	overlay_add_line(words, "%s", title);
	add_if(words, connection_reason(v->connection));
	add_if(words, connection_remedy(v->connection));
	overlay_add_line(words, "Enter tries again, Esc closes the window.");
}

static bool card_words(const struct viewer *v, struct overlay_words *words)
{
	const char *host = v->workstation.host;
	bool again = connection_lost_since_ms(v->connection) != 0;

	if (connection_renewing(v->connection))
		return false;
	switch (connection_state(v->connection)) {
	case CONNECTION_OPEN:
		if (v->scene.picture.pixels)
			return false;
		overlay_add_line(words, "Connected to %s", v->workstation.name);
		overlay_add_line(words, "Waiting for the picture.");
		return true;
	case CONNECTION_IDLE:
	case CONNECTION_DIALING:
	case CONNECTION_SECURING:
		if (again) {
			lost_words(v, words, "Reconnecting");
			return true;
		}
		overlay_add_line(words, "Connecting to %s", v->workstation.name);
		if (connection_state(v->connection) == CONNECTION_SECURING)
			overlay_add_line(words, "%s answers; both ends prove who they are.", host);
		else
			overlay_add_line(words, "Looking for %s, port %u.", host,
				(unsigned)v->workstation.port);
		return true;
	case CONNECTION_SILENT:
		overlay_add_line(words, "No answer");
		{
			char age[32];
			uint64_t now = clock_now_ms(),
				 since = connection_lost_since_ms(v->connection);
			age_text(now > since ? now - since : 0, age);
			overlay_add_line(words,
				"Nothing was heard from %s for %s; the picture is as old.",
				v->workstation.name, age);
		}
		return true;
	case CONNECTION_LOST:
		lost_words(v, words,
			again && v->scene.picture.pixels ? "Connection lost" : "No connection yet");
		return true;
	case CONNECTION_REFUSED:
		final_words(v, words, "Refused");
		return true;
	case CONNECTION_ENDED:
		final_words(v, words, "Session ended");
		return true;
	case CONNECTION_FAILED:
		final_words(v, words, "That did not work");
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

static void stats_words(const struct viewer *v, struct overlay_words *words)
{
	const struct stats *s = &v->stats;
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

static void here_words(const struct viewer *v, struct overlay_words *words)
{
	const struct wire_welcome *w = connection_welcome(v->connection);
	char when[32] = "";
	struct tm tm;

	if (!w || w->last_device_s <= 0)
		return;
	time_t at = (time_t)w->last_device_s;
	if (localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%e %b %H:%M", &tm);
	overlay_add_line(words, "\tHere last: %.60s, %s; refused since: %u", w->last_device, when,
		(unsigned)w->refused);
}

static void menu_words(const struct viewer *v, struct overlay_words *words)
{
	overlay_add_line(
		words, "%s\tCtrl+Alt+Enter", v->fullscreen ? "Leave full screen" : "Full screen");
	overlay_add_line(words, "Scale: %s\t", scale_mode_name(v->scene.geometry.mode));
	overlay_add_line(words, "%s\tCtrl+Alt+G",
		v->grab ? "Keep shortcuts on this laptop" : "Send shortcuts to the session");
	overlay_add_line(words, "Send Ctrl+Alt+Del\t");
	overlay_add_line(words, "%s\t", v->options.stats ? "Hide statistics" : "Statistics");
	overlay_add_line(words, "Disconnect\t");
	here_words(v, words);
	words->selected = v->menu_selected;
}

bool viewer_panels_tick(const struct viewer *v)
{
	return v->options.stats || connection_state(v->connection) != CONNECTION_OPEN;
}

static void update_stats(struct viewer *v)
{
	static struct overlay_words words; /* large; one thread */
	const struct geometry *g = &v->scene.geometry;

	v->stats_due = false;
	memset(&words, 0, sizeof(words));
	if (v->options.stats)
		stats_words(v, &words);
	overlay_show(&v->overlay, OVERLAY_STATS, v->options.stats ? &words : NULL,
		g->window_width_px, g->window_height_px, &v->dirty_window);
}

void viewer_update_panels(struct viewer *v)
{
	static struct overlay_words words; /* large; one thread */
	const struct geometry *g = &v->scene.geometry;

	memset(&words, 0, sizeof(words));
	bool card = card_words(v, &words);
	overlay_show(&v->overlay, OVERLAY_CARD, card ? &words : NULL, g->window_width_px,
		g->window_height_px, &v->dirty_window);

	/* The figures change with every picture; once a second is enough to read them. */
	if (v->stats_due || v->options.stats != (v->overlay.panels[OVERLAY_STATS].surface != NULL))
		update_stats(v);
	memset(&words, 0, sizeof(words));
	if (v->menu_open)
		menu_words(v, &words);
	overlay_show(&v->overlay, OVERLAY_MENU, v->menu_open ? &words : NULL, g->window_width_px,
		g->window_height_px, &v->dirty_window);

	bool dimmed = card && v->scene.picture.pixels;
	if (dimmed != v->scene.dimmed) {
		v->scene.dimmed = dimmed;
		viewer_everything_dirty(v);
	}
	for (size_t i = 0; i < OVERLAY_PANELS; i++)
		v->scene.panels[i] = v->overlay.panels[i];
}
