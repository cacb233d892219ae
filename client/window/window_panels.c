/* The words on the state card, the menu, the statistics, the bar and hints. */
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

/* A reason or remedy as a sentence: they are written so that a command can put its name in front. */
static void add_if(struct overlay_words *words, const char *text)
{
	if (!*text)
		return;
	overlay_add_line(words, "%s%s", text, sentence_end(text));
	char *line = words->lines[words->count - 1];
	if (line[0] >= 'a' && line[0] <= 'z' && strncmp(line, "farseat", 7) != 0)
		line[0] = (char)(line[0] - 'a' + 'A');
}

static void since_text(uint64_t since_ms, char out[static 32])
{
	uint64_t now = clock_now_ms();

	age_text(since_ms && now > since_ms ? now - since_ms : 0, out);
}

/* What happened to the session that the picture is of, and what the window waits for. */
static void ended_words(const struct window *w, struct overlay_words *words)
{
	const char *name = w->workstation.name, *waits = "Trying again";
	char age[32];

	if (connection_lost_by(w->connection) == WIRE_BYE_SESSION_ENDED) {
		overlay_add_line(words, "The session on %s has ended", name);
		waits = "Waiting for the next one";
	} else if (connection_lost_by(w->connection) == WIRE_BYE_SHUTDOWN) {
		overlay_add_line(words, "Farseat on %s has stopped", name);
		waits = "Waiting until it runs again";
	} else {
		overlay_add_line(words, "Connection to %s lost", name);
	}
	add_if(words, connection_reason(w->connection));
	since_text(connection_picture(w->connection)->updated_ms, age);
	overlay_add_line(words, "%s (Esc: give up). The picture is %s old.", waits, age);
}

/* Lost, or on the way to being there again: the same words for both, which would alternate. */
static void lost_words(const struct window *w, struct overlay_words *words)
{
	const char *name = w->workstation.name;
	char age[32];

	if (w->scene.picture.pixels) {
		ended_words(w, words);
	} else {
		overlay_add_line(words, "Cannot reach %s yet", name);
		add_if(words, connection_reason(w->connection));
		add_if(words, connection_remedy(w->connection));
		since_text(connection_lost_since_ms(w->connection), age);
		overlay_add_line(words, "Trying again for %s (Esc: give up).", age);
	}
	overlay_add_button(words, "Try now", WINDOW_RETRY);
	overlay_add_button(words, "Give up", WINDOW_DISCONNECT);
}

/* For good: nothing goes on by itself. name: after the title, or "". */
static void final_words(
	const struct window *w, struct overlay_words *words, const char *title, const char *name)
{
	overlay_add_line(words, "%s%s", title, name);
	add_if(words, connection_reason(w->connection));
	add_if(words, connection_remedy(w->connection));
	overlay_add_button(words, "Try again", WINDOW_RETRY);
	overlay_add_button(words, "Close", WINDOW_DISCONNECT);
}

static void refused_words(const struct window *w, struct overlay_words *words)
{
	const char *name = w->workstation.name;

	switch (connection_fault(w->connection)) {
	case CRYPTO_WRONG_NAME:
		final_words(w, words, "Wrong workstation at this address", "");
		break;
	case CRYPTO_UNKNOWN_CA:
	case CRYPTO_WRONG_VERSION:
	case CRYPTO_NO_COMMON_SUITE:
	case CRYPTO_WRONG_PROTOCOL:
		final_words(w, words, "Could not connect to ", name);
		break;
	default:
		final_words(w, words, "Refused by ", name);
		break;
	}
}

static void connecting_words(const struct window *w, struct overlay_words *words)
{
	const char *host = w->workstation.host;

	overlay_add_line(words, "Connecting to %s", w->workstation.name);
	if (connection_state(w->connection) == CONNECTION_SECURING)
		overlay_add_line(words, "%s answers; both ends prove who they are.", host);
	else
		overlay_add_line(
			words, "Looking for %s, port %u.", host, (unsigned)w->workstation.port);
	overlay_add_button(words, "Cancel", WINDOW_DISCONNECT);
}

/* Keys still go to the session, which may answer at any moment: this card has no keys. */
static void silent_words(const struct window *w, struct overlay_words *words)
{
	char age[32];

	since_text(connection_lost_since_ms(w->connection), age);
	overlay_add_line(words, "No answer");
	overlay_add_line(words, "Nothing was heard from %s for %s; the picture is as old.",
		w->workstation.name, age);
	overlay_add_line(words, "Ctrl+Alt+M opens the menu.");
	words->selected = -1;
	overlay_add_button(words, "Disconnect", WINDOW_DISCONNECT);
}

/* The connection stands; the picture, or the next session's, is still to come. Whether it is. */
static bool waiting_words(const struct window *w, struct overlay_words *words)
{
	bool ended = connection_lost_by(w->connection) != 0;

	if (w->scene.picture.pixels && !ended)
		return false;
	overlay_add_line(words, "Connected to %s", w->workstation.name);
	if (ended) {
		overlay_add_line(words, "The session that you see has ended.");
		overlay_add_line(words, "Waiting for the next one (Esc: give up).");
	} else {
		overlay_add_line(words, "Waiting for the picture.");
		words->selected = -1; /* keys are the session's */
	}
	overlay_add_button(words, ended ? "Give up" : "Disconnect", WINDOW_DISCONNECT);
	return true;
}

static bool card_words(const struct window *w, struct overlay_words *words)
{
	bool again = connection_lost_since_ms(w->connection) != 0;

	if (connection_renewing(w->connection))
		return false;
	switch (connection_state(w->connection)) {
	case CONNECTION_OPEN:
		return waiting_words(w, words);
	case CONNECTION_IDLE:
	case CONNECTION_DIALING:
	case CONNECTION_SECURING:
		if (again)
			lost_words(w, words);
		else
			connecting_words(w, words);
		break;
	case CONNECTION_SILENT:
		silent_words(w, words);
		break;
	case CONNECTION_LOST:
		lost_words(w, words);
		break;
	case CONNECTION_REFUSED:
		refused_words(w, words);
		break;
	case CONNECTION_ENDED:
		final_words(w, words, "Session ended", "");
		break;
	case CONNECTION_FAILED:
		final_words(w, words, "Could not connect to ", w->workstation.name);
		break;
	}
	return true;
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
	overlay_add_line(words, "round trip   %6.1f ms", s->link.rtt_us / 1e3);
	overlay_add_line(words, "decoding     %6.1f ms   p95 %.1f", s->link.decode_us_p50 / 1e3,
		s->link.decode_us_p95 / 1e3);
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

static const char *clipboard_words(const struct window *w)
{
	static const char *const words[CLIPBOARD_MODES] = {
		[CLIPBOARD_BOTH] = "both ways",
		[CLIPBOARD_TO] = "to the session alone",
		[CLIPBOARD_FROM] = "from the session alone",
		[CLIPBOARD_OFF] = "off",
	};

	return words[w->clipboard.mode];
}

/* What the workstation makes of that, where it allows less than everything. */
static const char *clipboard_limits(const struct window *w)
{
	uint32_t caps =
		connection_caps(w->connection) & (WIRE_CAP_CLIPBOARD_IN | WIRE_CAP_CLIPBOARD_OUT);

	if (!w->greeted || caps == (WIRE_CAP_CLIPBOARD_IN | WIRE_CAP_CLIPBOARD_OUT))
		return "";
	if (caps == WIRE_CAP_CLIPBOARD_IN)
		return "(allowed here: to the session)";
	return caps ? "(allowed here: from the session)" : "(not allowed here)";
}

static void menu_words(const struct window *w, struct overlay_words *words)
{
	overlay_add_line(
		words, "%s\tCtrl+Alt+Enter", w->fullscreen ? "Leave full screen" : "Full screen");
	overlay_add_line(words, "Scale: %s\t", scale_mode_name(w->scene.geometry.mode));
	overlay_add_line(words, "%s\tCtrl+Alt+G",
		w->grab ? "Keep shortcuts on this laptop" : "Send shortcuts to the session");
	overlay_add_line(words, "Send Ctrl+Alt+Del\t");
	overlay_add_line(words, "Clipboard: %s\t%s", clipboard_words(w), clipboard_limits(w));
	overlay_add_line(words, "Paste the secret\t%s",
		w->clipboard.secret[CLIPBOARD_CLIPBOARD] ? "" : "(none copied)");
	overlay_add_line(words, "Get a file ...\t");
	overlay_add_line(
		words, "Send the copied files\t%s", w->clipboard.files ? "" : "(none copied)");
	overlay_add_line(words, "Get the session's copied files\t");
	overlay_add_line(
		words, "Cancel copying\t%s", window_copies_any(w) ? "" : "(none under way)");
	overlay_add_line(words, "Sound: %s\t", window_sound_words(w));
	overlay_add_line(words, "Volume: %d %%%s\tLeft, Right; Enter mutes", w->sound.volume,
		w->sound.muted ? ", muted" : "");
	overlay_add_line(words, "%s\t", w->options.stats ? "Hide statistics" : "Statistics");
	overlay_add_line(words, "Disconnect\t");
	here_words(w, words);
	words->selected = w->menu_selected;
}

bool window_panels_tick(const struct window *w)
{
	return w->options.stats || window_copies_any(w) ||
	       connection_state(w->connection) != CONNECTION_OPEN;
}

static void show(struct window *w, enum overlay_panel which, const struct overlay_words *words)
{
	overlay_show(&w->overlay, which, words, &w->dirty_window);
}

/* The figures change with every picture; once a second is enough to read them. */
static void update_stats(struct window *w)
{
	struct overlay_words words = { .selected = -1 };
	bool shown = overlay_shown(&w->overlay, OVERLAY_STATS);

	if (!w->stats_due && w->options.stats == shown)
		return;
	w->stats_due = false;
	stats_words(w, &words);
	show(w, OVERLAY_STATS, w->options.stats ? &words : NULL);
}

static void update_card(struct window *w)
{
	struct overlay_words words = { 0 };
	bool wanted = card_words(w, &words);
	uint64_t now = clock_now_ms();

	if (wanted)
		card_show(&w->card, (int)words.button_count, w->scene.picture.pixels, now);
	else
		card_hide(&w->card);
	if (words.selected >= 0)
		words.selected = card_chosen(&w->card, now);
	show(w, OVERLAY_CARD, wanted ? &words : NULL);
	bool dimmed = wanted && w->scene.picture.pixels;
	if (dimmed != w->scene.dimmed) {
		w->scene.dimmed = dimmed;
		window_everything_dirty(w);
	}
}

static void update_menu(struct window *w)
{
	struct overlay_words words = { 0 };

	if (w->menu_open && w->pick.open)
		window_pick_words(w, &words);
	else if (w->menu_open)
		menu_words(w, &words);
	show(w, OVERLAY_MENU, w->menu_open ? &words : NULL);
}

static void update_bar(struct window *w)
{
	struct overlay_words words = { .selected = w->bar_hovered };

	overlay_add_line(&words, "%s", w->workstation.name);
	overlay_add_button(&words, "Menu", WINDOW_MENU);
	overlay_add_button(&words, "Leave full screen", WINDOW_FULLSCREEN);
	overlay_add_button(&words, "Disconnect", WINDOW_DISCONNECT);
	show(w, OVERLAY_BAR, w->bar_open ? &words : NULL);
}

static void update_copies(struct window *w)
{
	struct overlay_words words = { .selected = w->copy_hovered };

	window_copies_words(w, &words);
	show(w, OVERLAY_COPIES, words.count > 0 ? &words : NULL);
}

static void update_hint(struct window *w)
{
	struct overlay_words words = { .selected = -1 };

	if (w->hint_until_ms != 0 && clock_now_ms() >= w->hint_until_ms)
		w->hint_until_ms = 0;
	overlay_add_line(&words, "%s", w->hint);
	show(w, OVERLAY_HINT, w->hint_until_ms ? &words : NULL);
}

/* The session's pointer where ours is not: below all words. */
static void update_pointer(struct window *w)
{
	struct present_panel *before = &w->scene.panels[WINDOW_POINTER_PANEL];
	struct present_panel now =
		remote_pointer_panel(&w->pointer, &w->scene.geometry, w->controls.disabled);

	if (!w->scene.picture.pixels || w->scene.dimmed)
		now = (struct present_panel){ 0 };
	if (now.surface != before->surface || now.version != before->version ||
		memcmp(&now.place, &before->place, sizeof(now.place)) != 0) {
		area_list_add(&w->dirty_window, before->place);
		area_list_add(&w->dirty_window, now.place);
	}
	*before = now;
}

void window_update_panels(struct window *w)
{
	update_stats(w);
	update_hint(w);
	update_copies(w);
	update_bar(w);
	update_card(w);
	update_menu(w);
	update_pointer(w);
	for (size_t i = 0; i < OVERLAY_PANELS; i++)
		w->scene.panels[WINDOW_POINTER_PANEL + 1 + i] = w->overlay.panels[i];
}
