#include "client/session/settings.h"

#include "common/base/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- name, address --- */

static const char *take_name(struct workstation *w, const char *value)
{
	if (!workstation_name_valid(value))
		return "must be " WORKSTATION_NAME_RULE;
	snprintf(w->name, sizeof(w->name), "%s", value);
	return NULL;
}

static void show_name(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->name);
}

/* HOST, HOST:PORT, [IPv6]:PORT, or IPv6 alone; without a port the default one. */
static const char *take_address(struct workstation *w, const char *value)
{
	char host[INVITATION_HOST_MAX_BYTES];
	const char *end = value + strlen(value), *port = NULL;

	if (value[0] == '[') {
		value++;
		end = strchr(value, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return "must be like [2001:db8::1]:7420";
		port = end[1] ? end + 2 : NULL;
	} else if (strchr(value, ':') == strrchr(value, ':') && strchr(value, ':')) {
		end = strchr(value, ':');
		port = end + 1;
	}
	if ((size_t)(end - value) >= sizeof(host))
		return "has too long a host name";
	snprintf(host, sizeof(host), "%.*s", (int)(end - value), value);
	if (!invitation_host_valid(host))
		return "must be HOST, HOST:PORT or [IPV6]:PORT";
	uint16_t number = WORKSTATION_DEFAULT_PORT;
	if (port && port_parse(port, strlen(port), &number) < 0)
		return "must have a port from 1 to 65535";
	memcpy(w->host, host, sizeof(host));
	w->port = number;
	return NULL;
}

static void show_address(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	bool ipv6 = strchr(w->host, ':') != NULL;

	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s%s%s:%u", ipv6 ? "[" : "", w->host,
		ipv6 ? "]" : "", (unsigned)w->port);
}

/* --- the way there: one takes the place of another --- */

static const char *put_way(struct workstation *w, const struct way *way, const char *value)
{
	if (!workstation_way_text_valid(value))
		return "must be one line of UTF-8, at most 180 bytes, without a blank before ';'";
	const char *wrong = way_wrong(way, w->host);
	if (!wrong)
		w->way = *way;
	return wrong;
}

static bool is_none(const char *value)
{
	return strcmp(value, "none") == 0 || strcmp(value, "default") == 0;
}

static const char *take_via(struct workstation *w, const char *value)
{
	struct way way = { 0 };

	if (is_none(value)) {
		w->way.via[0] = '\0';
		return NULL;
	}
	snprintf(way.via, sizeof(way.via), "%s", value);
	return *value ? put_way(w, &way, value) : "must be USER@JUMP[:PORT],... or none";
}

static const char *take_command(struct workstation *w, const char *value)
{
	struct way way = { 0 };

	if (is_none(value)) {
		w->way.command[0] = '\0';
		return NULL;
	}
	snprintf(way.command, sizeof(way.command), "%s", value);
	return *value ? put_way(w, &way, value) : "must be a command or none";
}

#define PASSWORD_SHOWN ":***" /* in place of a password */

/* "none" is kept: it holds against the environment's proxies too. */
static const char *take_proxy(struct workstation *w, const char *value)
{
	struct way way = { 0 };

	if (strcmp(value, "default") == 0) {
		w->way.proxy[0] = '\0';
		return NULL;
	}
	if (strstr(value, PASSWORD_SHOWN "@"))
		return "must have its password, of which " PASSWORD_SHOWN " is the place";
	snprintf(way.proxy, sizeof(way.proxy), "%s", value);
	return *value ? put_way(w, &way, value) : "must be a URL, none or default";
}

static void show_via(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->way.via[0] ? w->way.via : "none");
}

static void show_command(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->way.command[0] ? w->way.command : "none");
}

/* Without its password. */
static void show_proxy(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	const char *proxy = w->way.proxy[0] ? w->way.proxy : "default";
	const char *user = strstr(proxy, "://");
	const char *at = user ? strrchr(user, '@') : NULL;
	const char *password = at ? strchr(user + 3, ':') : NULL;

	if (password && password < at)
		snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%.*s" PASSWORD_SHOWN "%s",
			(int)(password - proxy), proxy, at);
	else
		snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", proxy);
}

/* --- how the window opens --- */

static const char *take_scale(struct workstation *w, const char *value)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "fit") != 0 && strcmp(value, "1:1") != 0)
		return "must be auto, fit or 1:1";
	snprintf(w->scale, sizeof(w->scale), "%s", value);
	return NULL;
}

static void show_scale(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->scale[0] ? w->scale : "auto");
}

static const char *take_fullscreen(struct workstation *w, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return "must be yes or no";
	w->fullscreen = value[0] == 'y';
	return NULL;
}

static void show_fullscreen(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->fullscreen ? "yes" : "no");
}

static const char *take_keys(struct workstation *w, const char *value)
{
	if (strcmp(value, "layout") != 0 && strcmp(value, "physical") != 0)
		return "must be layout or physical";
	w->physical_keys = value[0] == 'p';
	return NULL;
}

static void show_keys(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->physical_keys ? "physical" : "layout");
}

static const char *take_clipboard(struct workstation *w, const char *value)
{
	int mode = clipboard_mode_parse(value);

	if (mode < 0)
		return "must be both, to, from or off";
	w->clipboard = (enum clipboard_mode)mode;
	return NULL;
}

static void show_clipboard(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", clipboard_mode_name(w->clipboard));
}

static const char *take_sound(struct workstation *w, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return "must be on or off";
	w->no_sound = value[1] == 'f';
	return NULL;
}

static void show_sound(const struct workstation *w, char out[static SETTINGS_TEXT_MAX_BYTES])
{
	snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%s", w->no_sound ? "off" : "on");
}

const struct setting settings[] = {
	{ "name", "Name", "NAME", "What the workstation is called on this laptop.", false, NULL,
		take_name, show_name },
	{ "address", "Address", "HOST[:PORT]",
		"Where it answers: HOST, HOST:PORT or [IPV6]:PORT; without a port it is 7420.",
		false, NULL, take_address, show_address },
	{ "via", "SSH hops", "USER@JUMP[:PORT],...|none",
		"SSH hosts on the way there: USER@JUMP[:PORT], several with commas between them.",
		false, "none", take_via, show_via },
	{ "via_command", "Command", "CMD|none",
		"A command whose input and output lead there; %h is the host, %p the port.", false,
		"none", take_command, show_command },
	{ "proxy", "Proxy", "URL|none|default",
		"http://HOST:PORT or socks5://HOST:PORT; none: directly; empty: as the environment says.",
		false, "default", take_proxy, show_proxy },
	{ "scale", "Scale", "auto|fit|1:1",
		"auto: a larger screen is made to fit; fit: always; 1:1: pixel by pixel.", true,
		NULL, take_scale, show_scale },
	{ "fullscreen", "Full screen", "yes|no", "Whether the window opens in full screen.", true,
		NULL, take_fullscreen, show_fullscreen },
	{ "keys", "Keys", "layout|physical",
		"layout: what this laptop's keys say is typed; physical: the same keys are pressed.",
		true, NULL, take_keys, show_keys },
	{ "clipboard", "Clipboard", "both|to|from|off",
		"What is copied goes both ways, to the workstation alone, from it alone, or stays.",
		true, NULL, take_clipboard, show_clipboard },
	{ "sound", "Sound", "on|off", "Whether what the session plays is heard on this laptop.",
		true, NULL, take_sound, show_sound },
	{ 0 },
};

const struct setting *settings_find(const char *key)
{
	for (const struct setting *s = settings; s->key; s++)
		if (strcmp(s->key, key) == 0)
			return s;
	return NULL;
}

bool settings_word(const struct setting *s, int n, char out[static SETTINGS_WORD_BYTES])
{
	const char *word = s->values;

	for (; n > 0 && word; n--) {
		word = strchr(word, '|');
		word = word ? word + 1 : NULL;
	}
	if (!s->choice || !word || n < 0)
		return false;
	snprintf(out, SETTINGS_WORD_BYTES, "%.*s", (int)strcspn(word, "|"), word);
	return true;
}

bool settings_differ(const struct workstation *a, const struct workstation *b)
{
	char of_a[SETTINGS_TEXT_MAX_BYTES], of_b[SETTINGS_TEXT_MAX_BYTES];

	for (const struct setting *s = settings; s->key; s++) {
		s->show(a, of_a);
		s->show(b, of_b);
		if (strcmp(of_a, of_b) != 0)
			return true;
	}
	return strcmp(a->way.proxy, b->way.proxy) != 0;
}

int settings_keep(const struct workstation *before, const struct workstation *now)
{
	int r = 0;

	if (strcmp(before->name, now->name) != 0)
		r = workstation_rename(before->name, now->name);
	return r < 0 ? r : workstation_store_conf(now);
}
