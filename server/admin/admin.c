#include "server/admin/admin.h"

#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/cli/complaint.h"
#include "server/admin/control_client.h"
#include "server/registry/audit.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int admin_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int status = complaint_say_list("farseatctl", format, args);
	va_end(args);
	return status;
}

bool admin_wants_json(const struct options *o)
{
	return options_flag(o, "json");
}

bool admin_wants_system(const struct options *o)
{
	return options_flag(o, "system");
}

const char *admin_start_line(void)
{
	/* FARSEAT_HOME is a try-out in a folder, which no unit serves. */
	return geteuid() == 0 && !getenv("FARSEAT_HOME") ? "systemctl enable --now farseatd"
							 : "farseatd";
}

int admin_read(struct registry *out)
{
	char error[REGISTRY_ERROR_MAX_BYTES];

	if (registry_load(out, error) < 0)
		return admin_fail("%s", error);
	return EXIT_OK;
}

int admin_change_begin(struct admin_change *c)
{
	char path[PATH_MAX];

	*c = (struct admin_change){ .lock_fd = -1 };
	/* Where nothing is, no lock file is left behind. */
	if (registry_path(path) < 0 || access(path, F_OK) < 0)
		return admin_read(&c->registry);
	int locked = registry_lock(&c->lock_fd);
	if (locked < 0)
		return admin_fail("cannot lock the registry: %s", strerror(-locked));
	int r = admin_read(&c->registry);
	if (r != EXIT_OK)
		fd_close(&c->lock_fd);
	return r;
}

int admin_change_save(struct admin_change *c)
{
	int r = registry_save(&c->registry);

	if (r < 0)
		return admin_fail(
			"cannot write the registry: %s; nothing was changed", strerror(-r));
	return EXIT_OK;
}

void admin_change_finish(struct admin_change *c)
{
	registry_finish(&c->registry);
	fd_close(&c->lock_fd);
}

int admin_find(const struct registry *r, const char *name, struct registry_device **out)
{
	*out = registry_find_name(r, name);
	if (!*out)
		return admin_fail(
			"there is no active device '%s' ('farseatctl clients' lists them)", name);
	return EXIT_OK;
}

/* A daemon from before there was a journal says that the registry cannot be read. */
static int ask_to_reload(bool locked, json_t **reply)
{
	int lock = -1;

	int r = control_ask(json_pack("{s:s}", "cmd", "reload"), reply);
	if (r != -EREMOTEIO || json_object_get(*reply, "journal"))
		return r;
	if (!locked && registry_lock(&lock) < 0)
		return r;
	if (registry_flatten() == 0) {
		json_decref(*reply);
		r = control_ask(json_pack("{s:s}", "cmd", "reload"), reply);
	}
	fd_close(&lock);
	return r;
}

static int reload(bool locked, int64_t *ended)
{
	json_t *reply = NULL;

	*ended = 0;
	int r = ask_to_reload(locked, &reply);
	if (r == -ECONNREFUSED)
		return 1;
	if (r < 0) {
		admin_fail("farseatd runs but did not take the change over: %s",
			reply ? control_error(reply) : strerror(-r));
		json_decref(reply);
		return r;
	}
	*ended = json_integer_value(json_object_get(reply, "ended"));
	json_decref(reply);
	return 0;
}

int admin_reload(int64_t *ended)
{
	return reload(false, ended);
}

int admin_reload_locked(int64_t *ended)
{
	return reload(true, ended);
}

const char *admin_user_name(uid_t uid, char number[static ADMIN_USER_BYTES])
{
	const struct passwd *entry = getpwuid(uid);

	snprintf(number, ADMIN_USER_BYTES, "%lu", (unsigned long)uid);
	return entry ? entry->pw_name : number;
}

static json_t *user_json(uid_t uid)
{
	char number[ADMIN_USER_BYTES];

	return json_string(admin_user_name(uid, number));
}

/* Whoever logged in, however often the user was changed since: the kernel keeps it. */
static bool login_uid(uid_t *out)
{
	struct buffer text;
	char number[24] = "", *end = NULL;

	if (file_read("/proc/self/loginuid", sizeof(number) - 1, &text) < 0)
		return false;
	memcpy(number, buffer_front(&text), text.len);
	buffer_finish(&text);
	unsigned long uid = strtoul(number, &end, 10);
	*out = (uid_t)uid;
	return end != number && *out != (uid_t)-1; /* which means that nobody did */
}

void admin_audit(const char *event, json_t *details)
{
	json_t *all = details ? details : json_object();
	/* Only root's is sudo's work; of others it is whatever they like. */
	const char *sudo = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
	uid_t login;

	json_object_set_new(all, "user", user_json(geteuid()));
	if (login_uid(&login))
		json_object_set_new(all, "login", user_json(login));
	if (sudo && sudo[0] != '\0')
		json_object_set_new(all, "sudo", json_string(sudo));
	audit_write(event, all);
}

static int say_why(int r, json_t **reply)
{
	int status = EXIT_OK;

	if (r == -EREMOTEIO)
		status = admin_fail("%s", control_error(*reply));
	else if (r < 0)
		status = admin_fail("farseatd does not answer: %s", strerror(-r));
	if (r < 0) {
		json_decref(*reply);
		*reply = NULL;
	}
	return status;
}

int admin_ask(json_t *request, json_t **reply)
{
	int r = control_ask(request, reply);

	if (r == -ECONNREFUSED)
		return admin_fail(
			"farseatd is not running on this workstation (for this user): start it with '%s' ('farseatctl status' says why it is not running)",
			admin_start_line());
	return say_why(r, reply);
}

int admin_ask_system(json_t *request, json_t **reply)
{
	int r = control_ask_system(request, reply);

	if (r == -ECONNREFUSED)
		return admin_fail(
			"the system's farseatd is not running, or has no admin_group (root's farseat.conf, [server])");
	if (r == -EPERM)
		return admin_fail(
			"you are not in the admin_group of the system's farseatd (it counts from the next log-in on)");
	return say_why(r, reply);
}
