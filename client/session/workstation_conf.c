/* workstation.conf: what is known of a workstation, and how its window opens. */
#include "client/session/workstation_files.h"

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/cli/config.h"
#include "common/wire/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONF_MAX_BYTES 4096 /* nine lines */

bool workstation_way_text_valid(const char *text)
{
	size_t len = strlen(text);

	if (len > WORKSTATION_WAY_TEXT_MAX || !wire_text_clean(text, len) || strstr(text, " ;"))
		return false;
	return len == 0 || !strchr(" ;", text[0]);
}

/* ---- reading ---- */

struct conf {
	char host[CONFIG_TEXT_MAX_BYTES];
	char server_id[CONFIG_TEXT_MAX_BYTES];
	unsigned port;
	char via[CONFIG_TEXT_MAX_BYTES];
	char via_command[CONFIG_TEXT_MAX_BYTES];
	char proxy[CONFIG_TEXT_MAX_BYTES];
	char scale[WORKSTATION_WORD_BYTES];
	bool fullscreen, physical_keys;
	enum clipboard_mode clipboard;
	bool no_sound;
};

static const char *take_scale(void *target, const char *value)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "fit") != 0 && strcmp(value, "1:1") != 0)
		return "is not auto, fit or 1:1";
	memcpy(target, value, strlen(value) + 1);
	return NULL;
}

static const char *take_keys(void *target, const char *value)
{
	if (strcmp(value, "layout") != 0 && strcmp(value, "physical") != 0)
		return "is neither layout nor physical";
	*(bool *)target = value[0] == 'p';
	return NULL;
}

static const char *take_clipboard(void *target, const char *value)
{
	int mode = clipboard_mode_parse(value);

	if (mode < 0)
		return "is not both, to, from or off";
	*(enum clipboard_mode *)target = (enum clipboard_mode)mode;
	return NULL;
}

static const char *take_sound(void *target, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		return "is neither on nor off";
	*(bool *)target = value[1] == 'f';
	return NULL;
}

static const struct config_key conf_keys[] = {
	{ "workstation", "host", offsetof(struct conf, host), config_take_text },
	{ "workstation", "port", offsetof(struct conf, port), config_take_number },
	{ "workstation", "server_id", offsetof(struct conf, server_id), config_take_text },
	{ "workstation", "via", offsetof(struct conf, via), config_take_text },
	{ "workstation", "via_command", offsetof(struct conf, via_command), config_take_text },
	{ "workstation", "proxy", offsetof(struct conf, proxy), config_take_text },
	{ "workstation", "scale", offsetof(struct conf, scale), take_scale },
	{ "workstation", "fullscreen", offsetof(struct conf, fullscreen), config_take_bool },
	{ "workstation", "keys", offsetof(struct conf, physical_keys), take_keys },
	{ "workstation", "clipboard", offsetof(struct conf, clipboard), take_clipboard },
	{ "workstation", "sound", offsetof(struct conf, no_sound), take_sound },
	{ 0 },
};

int workstation_load(const char *name, struct workstation *out, const char **why)
{
	struct workstation w = { 0 };
	struct conf conf = { .port = WORKSTATION_DEFAULT_PORT };
	char path[PATH_MAX], error[CONFIG_ERROR_MAX_BYTES];

	*why = "the name must be " WORKSTATION_NAME_RULE;
	if (!workstation_name_valid(name))
		return -EINVAL;
	*why = "its folder cannot be read";
	int r = workstation_path(name, "workstation.conf", path);
	if (r == 0)
		r = config_read(path, conf_keys, &conf, error);
	if (r == -ENOENT)
		return r;
	if (r < 0) {
		log_error("%s", error);
		*why = "its workstation.conf cannot be read: mend it, or enrol again";
		return r;
	}
	*why = "its workstation.conf names no host, port or server id: enrol again";
	if (conf.host[0] == '\0' || conf.port == 0 || conf.port > UINT16_MAX ||
		!server_id_valid(conf.server_id))
		return -EINVAL;
	*why = "its workstation.conf has a host or a way that cannot be one, or that is not UTF-8: mend it, or enrol again";
	if (!invitation_host_valid(conf.host) || !workstation_way_text_valid(conf.via) ||
		!workstation_way_text_valid(conf.via_command) ||
		!workstation_way_text_valid(conf.proxy))
		return -EINVAL;
	snprintf(w.name, sizeof(w.name), "%s", name);
	snprintf(w.host, sizeof(w.host), "%s", conf.host);
	snprintf(w.server_id, sizeof(w.server_id), "%.*s", (int)sizeof(w.server_id) - 1,
		conf.server_id);
	w.port = (uint16_t)conf.port;
	snprintf(w.way.via, sizeof(w.way.via), "%s", conf.via);
	snprintf(w.way.command, sizeof(w.way.command), "%s", conf.via_command);
	snprintf(w.way.proxy, sizeof(w.way.proxy), "%s", conf.proxy);
	memcpy(w.scale, conf.scale, sizeof(w.scale));
	w.fullscreen = conf.fullscreen;
	w.physical_keys = conf.physical_keys;
	w.clipboard = conf.clipboard;
	w.no_sound = conf.no_sound;
	*out = w;
	return 0;
}

/* ---- writing ---- */

/* One key, if it is set. -EINVAL: it would be read back as something else (inih takes
 * 199 characters a line, and " ;" for a comment). */
static int add_key(char text[static CONF_MAX_BYTES], const char *key, const char *value)
{
	size_t len = strlen(text);

	if (!*value)
		return 0;
	if (!workstation_way_text_valid(value))
		return -EINVAL;
	int n = snprintf(text + len, CONF_MAX_BYTES - len, "%s = %s\n", key, value);
	return n < 0 || (size_t)n >= CONF_MAX_BYTES - len ? -E2BIG : 0;
}

int workstation_write_conf(const struct workstation *w, const char *folder)
{
	char path[PATH_MAX], text[CONF_MAX_BYTES];
	int n = snprintf(path, sizeof(path), "%s/workstation.conf", folder);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	n = snprintf(text, sizeof(text), "[workstation]\nhost = %s\nport = %u\nserver_id = %s\n",
		w->host, (unsigned)w->port, w->server_id);
	if (n < 0 || (size_t)n >= sizeof(text))
		return -E2BIG;
	int r = add_key(text, "via", w->way.via);
	if (r == 0)
		r = add_key(text, "via_command", w->way.command);
	if (r == 0)
		r = add_key(text, "proxy", w->way.proxy);
	if (r == 0)
		r = add_key(text, "scale", w->scale);
	if (r == 0 && w->fullscreen)
		r = add_key(text, "fullscreen", "yes");
	if (r == 0 && w->physical_keys)
		r = add_key(text, "keys", "physical");
	if (r == 0 && w->clipboard != CLIPBOARD_BOTH)
		r = add_key(text, "clipboard", clipboard_mode_name(w->clipboard));
	if (r == 0 && w->no_sound)
		r = add_key(text, "sound", "off");
	if (r == 0)
		r = file_replace(path, text, strlen(text), 0600);
	secure_wipe(text, sizeof(text)); /* a proxy's password */
	return r;
}

int workstation_store_conf(const struct workstation *w)
{
	char folder[PATH_MAX];

	int r = workstation_path(w->name, NULL, folder);
	return r < 0 ? r : workstation_write_conf(w, folder);
}
