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

/* "none" is kept: it holds against the environment's proxies too. */
static const char *take_proxy(struct workstation *w, const char *value)
{
	struct way way = { 0 };

	if (strcmp(value, "default") == 0) {
		w->way.proxy[0] = '\0';
		return NULL;
	}
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
		snprintf(out, SETTINGS_TEXT_MAX_BYTES, "%.*s:***%s", (int)(password - proxy), proxy,
			at);
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

const struct setting settings[] = {
	{ "name", "NAME", take_name, show_name },
	{ "address", "HOST[:PORT]", take_address, show_address },
	{ "via", "USER@JUMP[:PORT],...|none", take_via, show_via },
	{ "via_command", "CMD|none", take_command, show_command },
	{ "proxy", "URL|none|default", take_proxy, show_proxy },
	{ "scale", "auto|fit|1:1", take_scale, show_scale },
	{ "fullscreen", "yes|no", take_fullscreen, show_fullscreen },
	{ "keys", "layout|physical", take_keys, show_keys },
	{ "clipboard", "both|to|from|off", take_clipboard, show_clipboard },
	{ 0 },
};

const struct setting *settings_find(const char *key)
{
	for (const struct setting *s = settings; s->key; s++)
		if (strcmp(s->key, key) == 0)
			return s;
	return NULL;
}
