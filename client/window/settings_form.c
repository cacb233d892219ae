#include "client/window/settings_form.h"

#include "common/base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void show(const struct setting *s, const struct workstation *w,
	char out[static SETTINGS_TEXT_MAX_BYTES])
{
	s->show(w, out);
	if (s->none && strcmp(out, s->none) == 0)
		out[0] = '\0';
}

void settings_form_open(struct settings_form *f, const struct workstation *w)
{
	memset(f, 0, sizeof(*f));
	f->before = *w;
	for (; f->count < SETTINGS_MAX && settings[f->count].key; f->count++) {
		show(&settings[f->count], w, f->shown[f->count]);
		memcpy(f->texts[f->count], f->shown[f->count], sizeof(f->texts[0]));
	}
}

void settings_form_close(struct settings_form *f)
{
	secure_wipe(f, sizeof(*f));
}

void settings_form_move(struct settings_form *f, int by)
{
	f->at = (f->at + by + f->count) % f->count;
}

void settings_form_type(struct settings_form *f, const char *text)
{
	char *to = f->texts[f->at];
	size_t len = strlen(to);

	if (settings[f->at].choice)
		return;
	f->wrong[0] = '\0';
	for (; *text && len < sizeof(f->texts[0]) - 1; text++)
		if ((unsigned char)*text >= ' ' && *text != 0x7f)
			to[len++] = *text;
	to[len] = '\0';
}

void settings_form_erase(struct settings_form *f)
{
	char *text = f->texts[f->at];

	f->wrong[0] = '\0';
	if (!settings[f->at].choice)
		text[utf8_without_last(text, strlen(text))] = '\0';
}

void settings_form_clear(struct settings_form *f)
{
	f->wrong[0] = '\0';
	if (!settings[f->at].choice)
		f->texts[f->at][0] = '\0';
}

void settings_form_turn(struct settings_form *f, int by)
{
	char word[SETTINGS_WORD_BYTES];
	int count = 0, now = 0;

	for (; settings_word(&settings[f->at], count, word); count++)
		if (strcmp(word, f->texts[f->at]) == 0)
			now = count;
	if (count > 0)
		settings_form_choose(f, f->at, (now + by + count) % count);
}

void settings_form_choose(struct settings_form *f, int i, int n)
{
	char word[SETTINGS_WORD_BYTES];

	if (i < 0 || i >= f->count || !settings_word(&settings[i], n, word))
		return;
	f->at = i;
	f->wrong[0] = '\0';
	snprintf(f->texts[i], sizeof(f->texts[0]), "%s", word);
}

static bool changed(const struct settings_form *f, int i)
{
	return strcmp(f->texts[i], f->shown[i]) != 0;
}

static const char *take(const struct settings_form *f, int i, struct workstation *w)
{
	const struct setting *s = &settings[i];

	return s->take(w, f->texts[i][0] || !s->none ? f->texts[i] : s->none);
}

/* Whether what was typed at i still stands, after what was typed below it: a workstation has one
 * way, so that a second one takes the place of the first. */
static bool stands(const struct settings_form *f, int i, const struct workstation *now)
{
	struct workstation alone = f->before;
	char want[SETTINGS_TEXT_MAX_BYTES], have[SETTINGS_TEXT_MAX_BYTES];

	if (take(f, i, &alone))
		return false;
	settings[i].show(&alone, want);
	settings[i].show(now, have);
	return strcmp(want, have) == 0;
}

static int blame(struct settings_form *f, int i, const char *wrong)
{
	f->at = i;
	snprintf(f->wrong, sizeof(f->wrong), "%s %s.", settings[i].label, wrong);
	return -EINVAL;
}

static int take_all(struct settings_form *f, struct workstation *now)
{
	for (int i = 0; i < f->count; i++) {
		const char *wrong = changed(f, i) ? take(f, i, now) : NULL;
		if (wrong)
			return blame(f, i, wrong);
	}
	for (int i = 0; i < f->count; i++)
		if (changed(f, i) && !stands(f, i, now))
			return blame(f, i, "stands beside another way: keep one of them");
	return 0;
}

int settings_form_keep(struct settings_form *f, struct workstation *now)
{
	struct workstation wanted = f->before;

	f->wrong[0] = '\0';
	int r = take_all(f, &wanted);
	if (r < 0)
		return r;
	if (settings_differ(&f->before, &wanted))
		r = settings_keep(&f->before, &wanted);
	if (r == -EEXIST) {
		f->at = 0;
		snprintf(f->wrong, sizeof(f->wrong), "There is a workstation '%s' already.",
			wanted.name);
	} else if (r < 0) {
		snprintf(f->wrong, sizeof(f->wrong), "The settings were not kept: %s.",
			strerror(-r));
	} else {
		*now = wanted;
	}
	return r;
}
