#include "client/session/workstation.h"

#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/paths.h"
#include "common/cli/config.h"
#include "common/wire/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONF_MAX_BYTES   4096 /* nine lines */
#define FOLDER           "workstations"
#define STORED_MAX_BYTES 16384 /* key, certificates, workstation.conf: more than they take */

/* Every file of a folder: what may be removed with it. */
static const char *const files[] = { "workstation.conf", "device.key", "device.crt", "ca.crt",
	"session.tls" };

static bool name_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-' || c >= 0x80;
}

bool workstation_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= WORKSTATION_NAME_MAX_BYTES || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!name_char((unsigned char)name[i]))
			return false;
	return wire_text_clean(name, len);
}

void workstation_name_from(const char *text, char out[static WORKSTATION_NAME_MAX_BYTES])
{
	size_t n = 0;

	for (; *text && n < WORKSTATION_NAME_MAX_BYTES - 1; text++) {
		unsigned char c = (unsigned char)*text;
		bool ok = name_char(c) && c < 0x80;
		if (n == 0 && (!ok || c == '.' || c == '-'))
			continue;
		out[n++] = ok ? (char)c : '-';
	}
	out[n] = '\0';
	if (n == 0)
		snprintf(out, WORKSTATION_NAME_MAX_BYTES, "workstation");
}

int workstation_path(const char *name, const char *file, char out[static PATH_MAX])
{
	char part[PATH_MAX];
	int n = snprintf(
		part, sizeof(part), FOLDER "/%s%s%s", name, file ? "/" : "", file ? file : "");

	if (n < 0 || (size_t)n >= sizeof(part))
		return -ENAMETOOLONG;
	return path_of(PATH_DATA, part, out);
}

bool workstation_way_text_valid(const char *text)
{
	size_t len = strlen(text);

	if (len > WORKSTATION_WAY_TEXT_MAX || !wire_text_clean(text, len) || strstr(text, " ;"))
		return false;
	return len == 0 || !strchr(" ;", text[0]);
}

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

static int load_session(const struct workstation *w, struct workstation_secrets *out)
{
	char path[PATH_MAX];
	struct buffer bytes;
	int r = workstation_path(w->name, "session.tls", path);

	if (r < 0)
		return r;
	r = file_read(path, sizeof(out->session), &bytes);
	if (r < 0)
		return 0; /* without it the handshake only takes longer */
	out->session_len = bytes.len;
	if (bytes.len > 0)
		memcpy(out->session, buffer_front(&bytes), bytes.len);
	buffer_wipe_finish(&bytes);
	return 0;
}

int workstation_load_secrets(
	const struct workstation *w, struct workstation_secrets *out, const char **what)
{
	char path[PATH_MAX];
	struct crypto_key *key = NULL;

	memset(out, 0, sizeof(*out));
	*what = "device.key";
	int r = workstation_path(w->name, *what, path);
	if (r == 0)
		r = crypto_key_from_file(&key, path, NULL);
	if (r == 0)
		r = crypto_key_to_der(key, out->key_der, sizeof(out->key_der), &out->key_len);
	crypto_key_destroy(key);
	if (r < 0)
		goto fail;

	*what = "device.crt";
	r = workstation_path(w->name, *what, path);
	if (r == 0)
		r = crypto_cert_from_file(path, &out->cert);
	if (r < 0)
		goto fail;

	*what = "ca.crt";
	r = workstation_path(w->name, *what, path);
	if (r == 0)
		r = crypto_cert_from_file(path, &out->ca);
	if (r < 0)
		goto fail;
	return load_session(w, out);

fail:
	workstation_secrets_wipe(out);
	return r;
}

void workstation_secrets_wipe(struct workstation_secrets *s)
{
	secure_wipe(s, sizeof(*s));
}

/* Removes a folder of ours: the files it may hold, then itself. */
static int remove_folder(const char *folder)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		if (n < 0 || (size_t)n >= sizeof(path))
			return -ENAMETOOLONG;
		int r = file_remove(path);
		if (r < 0)
			return r;
	}
	return dir_remove(folder);
}

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

static int write_conf(const struct workstation *w, const char *folder)
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
	return r < 0 ? r : write_conf(w, folder);
}

static int write_folder(const struct workstation *w, const struct crypto_key *key,
	const struct crypto_der *cert, const struct crypto_der *ca, const char *folder)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/device.key", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	int r = crypto_key_to_file(key, path);
	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s/device.crt", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = crypto_cert_to_file(cert, path, 0600);
	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s/ca.crt", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = crypto_cert_to_file(ca, path, 0600);
	if (r < 0)
		return r;
	return write_conf(w, folder);
}

/* Puts fresh in the place of folder; the old one, if any, is kept aside until the new one stands.
 */
static int put_in_place(const char *fresh, const char *folder, bool replace)
{
	int r = dir_put(fresh, folder, replace);

	return r == 1 ? remove_folder(fresh) : r; /* now the old one */
}

int workstation_store(const struct workstation *w, const struct crypto_key *key,
	const struct crypto_der *cert, const struct crypto_der *ca, bool replace)
{
	char folder[PATH_MAX], all[PATH_MAX], fresh[PATH_MAX];

	if (!workstation_name_valid(w->name))
		return -EINVAL;
	int r = workstation_path(w->name, NULL, folder);
	if (r == 0)
		r = path_of(PATH_DATA, FOLDER, all);
	if (r == 0)
		r = dir_make(all, 0700);
	if (r < 0)
		return r;
	if (!replace && file_is_there(folder))
		return -EEXIST;
	if (snprintf(fresh, sizeof(fresh), "%s/.new-XXXXXX", all) >= PATH_MAX)
		return -ENAMETOOLONG;
	r = dir_make_fresh(fresh);
	if (r < 0)
		return r;
	r = write_folder(w, key, cert, ca, fresh);
	if (r == 0)
		r = put_in_place(fresh, folder, replace);
	if (r < 0 && remove_folder(fresh) < 0)
		return r; /* nothing reads a folder of that name */
	return r;
}

int workstation_try_store(void)
{
	static const uint8_t nothing[STORED_MAX_BYTES];
	char all[PATH_MAX], trial[PATH_MAX];
	int r = path_of(PATH_DATA, FOLDER, all);

	if (r == 0)
		r = dir_make(all, 0700);
	if (r == 0 && snprintf(trial, sizeof(trial), "%s/.trial", all) >= PATH_MAX)
		r = -ENAMETOOLONG;
	if (r == 0)
		r = file_replace(trial, nothing, sizeof(nothing), 0600);
	if (r == 0)
		r = file_remove(trial);
	return r;
}

int workstation_store_renewed(
	const struct workstation *w, const struct crypto_key *key, const struct crypto_der *cert)
{
	char path[PATH_MAX];
	const char *why;
	struct workstation kept;
	struct crypto_der ca;

	/* As it stands now: the caller's may be from before `farseat set`, or from a command line. */
	int r = workstation_load(w->name, &kept, &why);
	if (r == 0)
		r = workstation_path(w->name, "ca.crt", path);
	if (r == 0)
		r = crypto_cert_from_file(path, &ca);
	if (r < 0)
		return r;
	return workstation_store(&kept, key, cert, &ca, true);
}

int workstation_store_session(const struct workstation *w, const uint8_t *session, size_t len)
{
	char path[PATH_MAX];
	int r = workstation_path(w->name, "session.tls", path);

	if (r < 0)
		return r;
	if (len == 0)
		return file_remove(path);
	return file_replace(path, session, len, 0600);
}

static int seen_path(const char *name, char out[static PATH_MAX])
{
	char part[WORKSTATION_NAME_MAX_BYTES + 16];

	snprintf(part, sizeof(part), "seen/%s", name);
	return path_of(PATH_STATE, part, out);
}

int workstation_rename(const char *name, const char *to)
{
	char from[PATH_MAX], path[PATH_MAX];
	int64_t seen_s = workstation_last_seen(name);

	if (!workstation_name_valid(name) || !workstation_name_valid(to))
		return -EINVAL;
	int r = workstation_path(name, NULL, from);
	if (r == 0)
		r = workstation_path(to, NULL, path);
	if (r == 0)
		r = dir_put(from, path, false);
	if (r < 0)
		return r;
	/* When it was seen last only orders lists: a failure loses nothing. */
	if (seen_s > 0 && (workstation_store_last_seen(to, seen_s) < 0 ||
				  seen_path(name, path) < 0 || file_remove(path) < 0))
		log_debug("when %s was last seen is not known any more", to);
	return 0;
}

int workstation_remove(const char *name)
{
	char path[PATH_MAX];

	if (!workstation_name_valid(name))
		return -ENOENT;
	if (seen_path(name, path) == 0 && file_remove(path) < 0)
		log_debug("%s was not removed", path);
	int r = workstation_path(name, NULL, path);
	return r < 0 ? r : remove_folder(path);
}

static int compare(const void *a, const void *b)
{
	char *const *x = a;
	char *const *y = b;

	return strcmp(*x, *y);
}

struct names {
	char **list; /* owned, and what it holds */
	size_t count;
};

static int add_name(void *user, const char *name)
{
	struct names *names = user;

	if (!workstation_name_valid(name)) {
		char shown[LOG_ESCAPED_MAX];
		if (name[0] != '.') /* one that is being made or removed */
			log_warn(
				"the folder workstations/%s is left out: a workstation's name is " WORKSTATION_NAME_RULE
				"; rename the folder",
				log_escape(shown, name, strlen(name)));
		return 0;
	}
	char **more = reallocarray(names->list, names->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	names->list = more;
	more[names->count] = strdup(name);
	if (!more[names->count])
		return -ENOMEM;
	names->count++;
	return 0;
}

int workstation_list(char ***names, size_t *count)
{
	char path[PATH_MAX];
	struct names found = { 0 };
	int r = path_of(PATH_DATA, FOLDER, path);

	*names = NULL;
	*count = 0;
	if (r < 0)
		return r;
	r = dir_each(path, add_name, &found);
	if (r < 0) {
		workstation_list_free(found.list, found.count);
		return r == -ENOENT ? 0 : r;
	}
	if (found.count > 1)
		qsort(found.list, found.count, sizeof(*found.list), compare);
	*names = found.list;
	*count = found.count;
	return 0;
}

void workstation_list_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

int64_t workstation_last_seen(const char *name)
{
	char path[PATH_MAX];
	struct buffer text;
	int64_t when = 0;

	if (seen_path(name, path) < 0 || file_read(path, 32, &text) < 0)
		return 0;
	char digits[33] = { 0 };
	if (text.len > 0)
		memcpy(digits, buffer_front(&text), MIN(text.len, sizeof(digits) - 1));
	when = strtoll(digits, NULL, 10);
	buffer_finish(&text);
	return MAX(when, (int64_t)0);
}

int workstation_store_last_seen(const char *name, int64_t when_s)
{
	char path[PATH_MAX], folder[PATH_MAX], text[32];
	int r = path_of(PATH_STATE, "seen", folder);

	if (r == 0)
		r = dir_make(folder, 0700);
	if (r == 0)
		r = seen_path(name, path);
	if (r < 0)
		return r;
	int n = snprintf(text, sizeof(text), "%lld\n", (long long)when_s);
	return file_replace(path, text, (size_t)n, 0600);
}
