/* farseatd: start, reload, end. What it does in between stands in the other files of this folder.
 */
#include "server/registry/audit.h"
#include "server/registry/seen.h"
#include "server/registry/start_failure.h"
#include "server/supervisor/choice.h"
#include "server/supervisor/confine.h"
#include "server/supervisor/listen_systemd.h"
#include "server/supervisor/supervisor.h"

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/standard.h"
#include "common/crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option_spec options[] = {
	{ "config", 'c', "FILE", "read this configuration instead of the usual one" },
	{ "listen", 'l', "ADDR:PORT", "listen here (several: separated by commas; default :7420)" },
	{ "display", 'd', ":N", "show this X display (default: $DISPLAY; for root: the screen's)" },
	{ "wayland", 0, "SOCKET", "show this Wayland session (default: $WAYLAND_DISPLAY)" },
	{ "virtual", 0, "WxH", "start a session of its own of this size instead" },
	{ "session", 's', "CMD",
		"its command, as sway or startxfce4 (default: the desktop's own)" },
	{ 0 },
};

static const struct program_spec program = {
	.name = "farseatd",
	.help = "streams this workstation's session to its owner's laptops",
	.more = "Before the first start: farseatctl init. To let a laptop in: farseatctl invite NAME.\n"
		"It stays in the foreground, logs to standard error, reloads on SIGHUP and ends on SIGTERM.",
	.options = options,
	.arguments = "",
};

/* A renewed certificate is shown to clients that connect from now on. */
static void reload_identity(struct supervisor *s)
{
	char error[CONFIG_ERROR_MAX_BYTES];
	struct identity fresh;

	if (identity_load(&fresh, &s->settings, s->registry.server_id, error) < 0) {
		log_error("%s; the one that was read before stays in use", error);
		return;
	}
	identity_finish(&s->identity);
	s->identity = fresh;
}

static bool same_tunnel(const struct settings_tunnel *a, const struct settings_tunnel *b)
{
	return strcmp(a->relay.host, b->relay.host) == 0 &&
	       strcmp(a->relay.user, b->relay.user) == 0 && a->relay.port == b->relay.port &&
	       strcmp(a->key, b->key) == 0 && strcmp(a->bind_host, b->bind_host) == 0 &&
	       a->bind_port == b->bind_port;
}

/* What may change while it runs: everything of [tls] and [tunnel]. Addresses and the session need a
 * restart. */
void supervisor_reload_settings(struct supervisor *s)
{
	char error[CONFIG_ERROR_MAX_BYTES];
	struct settings fresh;

	if (settings_read(&fresh, s->settings_path, error) < 0) {
		log_error("%s; what was read before stays in force", error);
		return;
	}
	s->settings.tls12 = fresh.tls12;
	s->settings.tls13 = fresh.tls13;
	s->settings.resumption = fresh.resumption;
	s->settings.log_keep_s = fresh.log_keep_s;
	s->settings.limits = fresh.limits;
	s->settings.files = fresh.files;
	s->settings.ticket_lifetime_s = fresh.ticket_lifetime_s;
	memcpy(s->settings.cert, fresh.cert, sizeof(fresh.cert));
	memcpy(s->settings.key, fresh.key, sizeof(fresh.key));
	memcpy(s->settings.ca, fresh.ca, sizeof(fresh.ca));
	bool same = same_tunnel(&s->settings.tunnel, &fresh.tunnel);
	s->settings.tunnel = fresh.tunnel;
	if (!same || s->relay.state == RELAY_WAITING)
		relay_again(s);
}

int supervisor_reload(struct supervisor *s)
{
	char error[REGISTRY_ERROR_MAX_BYTES];
	int r = registry_refresh(&s->registry, error);
	if (r < 0) {
		log_error("%s; what was read before stays in force", error);
		return r;
	}
	registry_remember(&s->registry);
	reload_identity(s);
	return (int)workers_apply_registry(s);
}

void supervisor_stop(struct supervisor *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	log_info("stopping");
	listen_systemd_notify("STOPPING=1");
	listeners_close(s);
	control_close(s);
	watch_close(s);
	choice_close(s);
	workers_end_all(s, WIRE_BYE_SHUTDOWN, "farseatd on the workstation stops");
	agents_stop(s);
	signers_stop(s);
	files_stop(s);
	sound_stop(s);
	if (!s->workers.first)
		relay_stop(s);
	tickets_close(&s->tickets);
	upkeep_close(&s->upkeep);
	uv_close((uv_handle_t *)&s->workers.deadlines, NULL);
	uv_close((uv_handle_t *)&s->relay.timer, NULL);
	/* The loop ends when the last child was reaped: signals alone do not keep it (start_loop).
	 */
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct supervisor *s = handle->loop->data;

	switch (number) {
	case SIGCHLD:
		workers_reap(s);
		relay_reap(s);
		starters_reap(s);
		break;
	case SIGHUP:
		log_info("reloading");
		supervisor_reload_settings(s);
		supervisor_reload(s);
		break;
	default:
		supervisor_stop(s);
	}
}

static int make_folder(const char *path)
{
	int r = dir_make(path, 0700);

	if (r < 0)
		log_error("cannot make the folder %s: %s", path, strerror(-r));
	return r;
}

static int make_folders(void)
{
	char path[PATH_MAX];

	int r = path_of(PATH_RUNTIME, NULL, path);
	if (r < 0) {
		log_error("there is no folder for sockets: XDG_RUNTIME_DIR is not set");
		return r;
	}
	r = make_folder(path);
	if (r == 0 && chmod(path, 0700) < 0)
		r = -errno;
	if (r == 0)
		r = audit_folder(path);
	if (r == 0)
		r = make_folder(path);
	if (r == 0)
		r = seen_folder(path);
	if (r == 0)
		r = make_folder(path);
	if (r == 0)
		r = path_of(PATH_STATE, REGISTRY_LATEST, path);
	return r < 0 ? r : make_folder(path);
}

#define LOCK_FILE "farseatd.lock"

/* Whether the file of that name is the one that is open: one that stops removes it. */
static bool is_at(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
	       ours.st_dev == named.st_dev;
}

static int take_lock(struct supervisor *s)
{
	char path[PATH_MAX];
	int r = path_of(PATH_RUNTIME, LOCK_FILE, path);

	if (r < 0)
		return r;
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0 || flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		log_error(r == -EWOULDBLOCK ? "another farseatd runs already (%s is locked)"
					    : "cannot lock %s",
			path);
		if (r == -EWOULDBLOCK)
			s->start_error[0] = '\0'; /* the one that holds it has not failed */
		return r;
	}
	if (is_at(s->lock_fd, path))
		return 0;
	fd_close(&s->lock_fd);
	return take_lock(s);
}

/* While the lock is held: whoever waits for it finds that its file is gone, and makes a new one. */
static void remove_lock(const struct supervisor *s)
{
	char path[PATH_MAX];

	if (s->lock_fd >= 0 && path_of(PATH_RUNTIME, LOCK_FILE, path) == 0 && unlink(path) < 0)
		log_debug("%s stays: %s", path, strerror(errno));
}

/* A session that is named on the command line takes the place of the configuration's. */
static void forget_others(struct supervisor *s, const struct options *o)
{
	const bool display = options_value(o, "display"), wayland = options_value(o, "wayland");

	if (!display && !wayland && !options_value(o, "virtual"))
		return;
	s->settings.virtual_width_px = 0;
	s->settings.virtual_height_px = 0;
	if (!display)
		s->settings.display[0] = '\0';
	if (!wayland)
		s->settings.wayland[0] = '\0';
}

/* Command line over configuration over defaults; then the display from the environment. */
static int read_settings(struct supervisor *s, const struct options *o)
{
	char error[CONFIG_ERROR_MAX_BYTES];
	const char *size = options_value(o, "virtual");
	static const struct {
		const char *option;
		size_t offset;
		config_take_fn take;
	} texts[] = {
		{ "listen", offsetof(struct settings, listen), settings_take_listen },
		{ "display", offsetof(struct settings, display), settings_take_display },
		{ "wayland", offsetof(struct settings, wayland), settings_take_wayland },
		{ "session", offsetof(struct settings, session), config_take_text },
	};

	s->settings_path = options_value(o, "config");
	if (settings_read(&s->settings, s->settings_path, error) < 0) {
		log_error("%s", error);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *value = options_value(o, texts[i].option);
		const char *wrong =
			value ? texts[i].take((char *)&s->settings + texts[i].offset, value) : NULL;
		if (wrong)
			return options_wrong(o, "--%s %s %s", texts[i].option, value, wrong);
	}
	if (!!size + !!options_value(o, "display") + !!options_value(o, "wayland") > 1)
		return options_wrong(o, "--display, --wayland and --virtual exclude each other");
	forget_others(s, o);
	const char *wrong = size ? settings_take_size(&s->settings.virtual_width_px, size) : NULL;
	if (wrong)
		return options_wrong(o, "--virtual %s %s", size, wrong);
	return choice_settle(s);
}

static int read_identity(struct supervisor *s)
{
	char error[REGISTRY_ERROR_MAX_BYTES];
	int r = registry_load(&s->registry, error);

	if (r == 0)
		r = identity_load(&s->identity, &s->settings, s->registry.server_id, error);
	if (r < 0)
		log_error("%s", error);
	else
		registry_remember(&s->registry);
	return r;
}

static void start_loop(struct supervisor *s)
{
	static const int numbers[] = { SIGCHLD, SIGHUP, SIGTERM, SIGINT };

	uv_loop_init(&s->loop);
	s->loop.data = s;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		uv_signal_init(&s->loop, &s->signals[i]);
		uv_signal_start(&s->signals[i], on_signal, numbers[i]);
		uv_unref((uv_handle_t *)&s->signals[i]);
	}
	tickets_open(&s->tickets, &s->loop);
	upkeep_open(&s->upkeep, &s->loop, &s->settings, &s->refusals);
	listeners_init(s);
	workers_init(s);
	agents_init(s);
	signers_init(s);
	relay_init(s);
}

/* What outlived the children: nothing is left of the loop, so that a leak of ours stands out. */
static void end_loop(struct supervisor *s)
{
	starters_close(s);
	for (size_t i = 0; i < ARRAY_LEN(s->signals); i++)
		uv_close((uv_handle_t *)&s->signals[i], NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	int r = uv_loop_close(&s->loop);
	if (r < 0)
		log_debug("the loop still had something to do: %s", uv_strerror(r));
}

static int confine(const struct supervisor *s)
{
	/* The starter runs by now: a session's own programs do not inherit the limit. */
	int r = process_guard();

	if (r == 0)
		r = confine_daemon(&s->settings, s->settings_path);
	start_failure_forget();
	if (r < 0)
		log_error(
			"cannot confine farseatd: %s (in a container: let it use seccomp, landlock_create_ruleset, landlock_add_rule and landlock_restrict_self)",
			strerror(-r));
	else if (r == 1)
		log_warn(
			"this kernel has no Landlock: farseatd could read the CA's key if it were taken over");
	return r;
}

static int run(struct supervisor *s)
{
	signal(SIGPIPE, SIG_IGN);
	if (make_folders() < 0 || take_lock(s) < 0 || read_identity(s) < 0)
		return EXIT_FAILED;
	start_loop(s);
	/* Everything that is opened once comes before the confinement; children after it. */
	relay_open(s);
	choice_watch(s);
	if (workers_open(s) < 0 || starters_open(s) < 0 || control_open(s) < 0 ||
		listeners_open(s) < 0 || confine(s) < 0) {
		s->failed = true;
		supervisor_stop(s);
	} else {
		watch_open(s);
		signers_start(s);
		agents_start(s);
		relay_start(s);
		audit_write("start", json_pack("{s:s}", "version", FARSEAT_VERSION));
		listen_systemd_notify("READY=1");
	}
	uv_run(&s->loop, UV_RUN_DEFAULT);
	refusals_sum(&s->refusals, INT64_MAX);
	if (!s->failed)
		audit_write("stop", NULL);
	end_loop(s);
	remove_lock(s);
	workers_finish(s);
	relay_finish(s);
	return s->failed ? EXIT_FAILED : EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options parsed;
	struct supervisor *s;

	if (standard_open() < 0)
		return EXIT_FAILED;
	log_init("farseatd");
	int r = options_parse(&program, argc, argv, &parsed);
	if (r != 0)
		return r > 0 ? standard_close(EXIT_OK) : EXIT_USAGE;
	if (crypto_init() < 0) {
		log_error("the kernel gives no random numbers");
		return EXIT_FAILED;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return EXIT_FAILED;
	s->lock_fd = -1;
	log_keep_error(s->start_error, sizeof(s->start_error));
	r = read_settings(s, &parsed);
	if (r == EXIT_OK)
		r = run(s);
	log_keep_error(NULL, 0);
	if (r == EXIT_FAILED && s->start_error[0] != '\0')
		start_failure_keep(s->start_error);
	registry_finish(&s->registry);
	identity_finish(&s->identity);
	tickets_wipe(&s->tickets);
	fd_close(&s->lock_fd);
	free(s);
	crypto_finish();
	return r;
}
