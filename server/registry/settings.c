#include "server/registry/settings.h"

#include "common/base/paths.h"
#include "common/base/port.h"
#include "common/ipc/records_agent.h"
#include "common/wire/limits.h"
#include "server/registry/address.h"
#include "server/registry/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A year and what one needs to look back at it. */
#define LOG_KEEP_S (INT64_C(400) * 86400)

/* As long as the keys that seal tickets are kept (ARCHITECTURE.md, D-TICKETS). */
#define TICKET_LIFETIME_MAX_S (INT64_C(12) * 3600)

const char settings_sample[] =
	"# Farseat: what farseatd reads at its start. Lines that begin with # are comments; the values shown are the defaults.\n"
	"\n"
	"[server]\n"
	"# Addresses to listen on, separated by spaces; a missing address is all of them.\n"
	"#listen = :7420\n"
	"# The session: an X display to attach to (default: $DISPLAY of farseatd; as root, this machine's screen) ...\n"
	"#display = :0\n"
	"# ... or the socket of a Wayland session (default: $WAYLAND_DISPLAY): sway, labwc and others of their kind ...\n"
	"#wayland = wayland-1\n"
	"# ... or a session of its own of this size, and its command (default: the desktop's own, else a window manager and a terminal).\n"
	"#virtual = 1920x1080\n"
	"#session = startxfce4\n"
	"# A compositor (sway, labwc) makes it a Wayland session.\n"
	"# A group whose members may read status, sessions, clients and log of the system's farseatd, and change nothing. Default: none.\n"
	"#admin_group = farseat\n"
	"# How long the files of the audit log are kept; 0 is for ever.\n"
	"#log_keep = 400d\n"
	"\n"
	"[tls]\n"
	"#tls12 = yes\n"
	"#tls13 = yes\n"
	"# Cheap reconnects; each is still checked against the registry.\n"
	"#resumption = yes\n"
	"#ticket_lifetime = 12h\n"
	"# A company's own certificate, its key, and the CA that signs the laptops' certificates (PEM), instead of farseatctl init's.\n"
	"#cert = /etc/farseat/server.crt\n"
	"#key = /etc/farseat/server.key\n"
	"#ca = /etc/farseat/ca.crt\n"
	"\n"
	"[gateway]\n"
	"# Addresses or networks of gateways (HAProxy): from there, and only from there, a connection must begin with a PROXY protocol\n"
	"# header (version 2), which names the client's real address. Default: none. See 'farseatctl gateway haproxy'.\n"
	"#proxy_from = 10.0.0.1, 2001:db8::/64\n"
	"\n"
	"[files]\n"
	"# The folders that laptops may copy files from and to, separated by colons; ~ is the home of farseatd's user. Paths without\n"
	"# / or ~ at their begin are looked for in the first one. none: no files are copied. What a laptop may do is a capability.\n"
	"#folders = ~/Farseat\n"
	"\n"
	"[limits]\n"
	"# How many sessions, invitations that wait, and clients of the control socket there may be at once.\n"
	"#sessions = 32\n"
	"#invitations = 64\n"
	"#control_clients = 16\n"
	"\n"
	"[clipboard]\n"
	"# Which ways it goes for devices whose capabilities allow them: both, in (from laptops), out (to laptops), off.\n"
	"#directions = both\n"
	"# What may cross, and how much of it at most.\n"
	"#kinds = text html png rtf\n"
	"#max_text = 16M\n"
	"#max_png = 64M\n"
	"# Whether clipboard managers here may keep what was copied on a laptop.\n"
	"#history = no\n"
	"\n"
	"[tunnel]\n"
	"# For a workstation that nobody reaches from outside: farseatd keeps a reverse tunnel to this SSH server (any OpenSSH), and laptops\n"
	"# come in there. Default: none. First 'farseatctl tunnel init', then 'farseatctl tunnel authorized-key'.\n"
	"#relay = farseat@relay.example.org:22\n"
	"# Where the relay listens for laptops. Another address than localhost (or *, every one) needs GatewayPorts clientspecified there.\n"
	"#bind = localhost:7420\n"
	"# A key of your own, without a passphrase, instead of the one that farseatctl makes.\n"
	"#key = /etc/farseat/tunnel.key\n";

struct settings settings_default(void)
{
	struct settings s = {
		.listen = ":" SETTINGS_PORT,
		.log_keep_s = LOG_KEEP_S,
		.limits = { .sessions = 32, .invitations = 64, .control_clients = 16 },
		.tls12 = true,
		.tls13 = true,
		.resumption = true,
		.ticket_lifetime_s = TICKET_LIFETIME_MAX_S,
		.clipboard = settings_clipboard_default,
		.tunnel = { .bind_host = "localhost", .bind_port = INVITATION_DEFAULT_PORT },
	};
	/* Without a HOME there is no such folder, and no files are copied. */
	(void)settings_take_folders(&s.files, SETTINGS_FOLDERS);
	return s;
}

uint32_t settings_caps(const struct settings *s, uint32_t caps)
{
	const uint32_t clipboard = WIRE_CAP_CLIPBOARD_IN | WIRE_CAP_CLIPBOARD_OUT;

	return caps & (s->clipboard.caps | ~clipboard);
}

const char *settings_take_size(void *width_then_height, const char *value)
{
	uint16_t *size = width_then_height;
	char *end = NULL;

	unsigned long width = strtoul(value, &end, 10);
	unsigned long height = *end == 'x' ? strtoul(end + 1, &end, 10) : 0;
	/* strtoul takes signs and blanks, which a size does not have. */
	if (*end != '\0' || strspn(value, "0123456789x") != strlen(value) ||
		width < SETTINGS_SIDE_MIN_PX || width > SETTINGS_SIDE_MAX_PX ||
		height < SETTINGS_SIDE_MIN_PX || height > SETTINGS_SIDE_MAX_PX ||
		width * height > WIRE_AREA_MAX_PX)
		return "is not a size such as 1920x1080 (64 to 16384 pixels a side, 64 Mpixel at most)";
	size[0] = (uint16_t)width;
	size[1] = (uint16_t)height;
	return NULL;
}

/* A value never holds a comment, which would become a part of it. */
static bool has_comment(const char *value)
{
	for (size_t i = 1; value[0] != '\0' && value[i] != '\0'; i++)
		if (value[i] == '#' && (value[i - 1] == ' ' || value[i - 1] == '\t'))
			return true;
	return value[0] == '#';
}

static const char *take_clean_text(void *text, const char *value)
{
	if (has_comment(value))
		return "holds a comment: those stand on lines of their own";
	return config_take_text(text, value);
}

/* Of a file; empty: the usual one. */
static const char *take_path(void *text, const char *value)
{
	if (value[0] != '\0' && value[0] != '/')
		return "is not a whole path, which begins with /";
	return take_clean_text(text, value);
}

const char *settings_take_listen(void *text, const char *value)
{
	static const char wrong[] =
		"is not a list of addresses such as :7420, 192.0.2.1:7420 or [2001:db8::1]:7420 (ports 1 to 65535)";
	char copy[CONFIG_TEXT_MAX_BYTES], host[INVITATION_HOST_MAX_BYTES];
	uint16_t port = INVITATION_DEFAULT_PORT;
	size_t count = 0;
	char *rest = NULL;

	if (strlen(value) >= sizeof(copy))
		return "is too long";
	memcpy(copy, value, strlen(value) + 1);
	for (char *one = strtok_r(copy, " ,", &rest); one; one = strtok_r(NULL, " ,", &rest)) {
		if (address_parse(one, host, &port) < 0)
			return wrong;
		if (++count > SETTINGS_LISTEN_MAX)
			return "names more than " TEXT_OF(SETTINGS_LISTEN_MAX) " addresses";
	}
	return count > 0 ? config_take_text(text, value) : wrong;
}

/* "[HOST]:NUMBER[.SCREEN]" (X(7), DISPLAY NAMES); empty: what the environment says. */
const char *settings_take_display(void *text, const char *value)
{
	static const char digits[] = "0123456789";
	const char *colon = strrchr(value, ':');
	size_t number = colon ? strspn(colon + 1, digits) : 0;
	const char *screen = colon ? colon + 1 + number : "";
	bool whole = screen[0] == '\0' || (screen[0] == '.' && screen[1] != '\0' &&
						  strspn(screen + 1, digits) == strlen(screen + 1));

	if (value[0] != '\0' && (number == 0 || !whole || strpbrk(value, " \t")))
		return "is not the name of an X display such as :0";
	return config_take_text(text, value);
}

/* As wl_display_connect takes it: a name within XDG_RUNTIME_DIR, or an absolute path. */
const char *settings_take_wayland(void *text, const char *value)
{
	const char *slash = strchr(value, '/');

	if (value[0] == '\0' || (slash && slash != value) || strpbrk(value, " \t") ||
		strlen(value) >= RECORD_DISPLAY_MAX_BYTES)
		return "is not the name of a Wayland socket such as wayland-1, nor the path of one";
	return config_take_text(text, value);
}

static const char *take_ticket_lifetime(void *seconds, const char *value)
{
	int64_t s = 0;
	const char *wrong = config_take_duration(&s, value);

	if (!wrong && (s < 1 || s > TICKET_LIFETIME_MAX_S))
		wrong = "is not between 1s and 12h, which no ticket outlives";
	if (!wrong)
		*(int64_t *)seconds = s;
	return wrong;
}

const char *settings_take_relay(void *destination, const char *value)
{
	struct ssh_destination d;

	if (ssh_destination_parse(value, strlen(value), &d) < 0 || d.user[0] == '\0')
		return "is not an SSH login such as farseat@relay.example.org:22";
	if (d.port == 0)
		d.port = SSH_PORT;
	memcpy(destination, &d, sizeof(d));
	return NULL;
}

/* "PORT", "ADDRESS:PORT", "*:PORT": of the whole struct settings_tunnel. */
static const char *take_bind(void *tunnel, const char *value)
{
	struct settings_tunnel *t = tunnel;
	struct ssh_destination d = { .host = "localhost" };
	size_t len = strlen(value);
	bool any = value[0] == '*' && value[1] == ':';

	int r = any ? port_parse(value + 2, len - 2, &d.port) : port_parse(value, len, &d.port);
	if (r < 0 && !any)
		r = ssh_destination_parse(value, len, &d);
	if (r < 0 || d.user[0] != '\0' || d.port == 0)
		return "is not ADDRESS:PORT or PORT, as localhost:7420";
	memcpy(t->bind_host, any ? "*" : d.host, any ? 2 : sizeof(d.host));
	t->bind_port = d.port;
	return NULL;
}

/* "~" and "~/..." by path_home. false: too long, or there is no home. */
static bool expand(const char *folder, char out[static CONFIG_TEXT_MAX_BYTES])
{
	const char *home = folder[0] == '~' ? path_home() : "";
	const char *rest = folder[0] == '~' ? folder + 1 : folder;

	if (!home)
		return false;
	size_t len = (size_t)snprintf(out, CONFIG_TEXT_MAX_BYTES, "%s%s", home, rest);
	if (len >= CONFIG_TEXT_MAX_BYTES)
		return false;
	while (len > 1 && out[len - 1] == '/') /* "/srv/" and "/srv" are one folder */
		out[--len] = '\0';
	return true;
}

const char *settings_take_folders(void *files, const char *value)
{
	struct settings_files f = { 0 };
	char copy[CONFIG_TEXT_MAX_BYTES];
	char *rest = NULL;
	bool none = strcmp(value, "none") == 0;

	if (strlen(value) >= sizeof(copy) || has_comment(value))
		return "is too long, or holds a comment";
	memcpy(copy, value, strlen(value) + 1);
	for (char *one = strtok_r(copy, ":", &rest); one && !none;
		one = strtok_r(NULL, ":", &rest)) {
		bool home = one[0] == '~' && (one[1] == '/' || one[1] == '\0');
		if ((one[0] != '/' && !home) || strstr(one, "/../") || strstr(one, "//"))
			return "is not a list of whole paths such as ~/Farseat:/srv/plans, or none";
		if (f.folder_count == SETTINGS_FOLDERS_MAX)
			return "names more than " TEXT_OF(SETTINGS_FOLDERS_MAX) " folders";
		if (!expand(one, f.folders[f.folder_count++]))
			return "names a path that is too long, or HOME, which is not known";
	}
	if (f.folder_count == 0 && !none)
		return "names no folder; none copies no files";
	*(struct settings_files *)files = f;
	return NULL;
}

/* wrong: what is said of a number that is too low or too high. */
static const char *take_limit(unsigned *limit, const char *value, unsigned max, const char *wrong)
{
	unsigned number;
	const char *no_number = config_take_number(&number, value);

	if (no_number)
		return no_number;
	if (number < 1 || number > max)
		return wrong;
	*limit = number;
	return NULL;
}

#define BETWEEN(max) "is not between 1 and " TEXT_OF(max)

static const char *take_sessions(void *limit, const char *value)
{
	return take_limit(limit, value, SETTINGS_SESSIONS_MAX, BETWEEN(SETTINGS_SESSIONS_MAX));
}

static const char *take_invitations(void *limit, const char *value)
{
	return take_limit(limit, value, REGISTRY_PENDING_MAX, BETWEEN(REGISTRY_PENDING_MAX));
}

static const char *take_control_clients(void *limit, const char *value)
{
	return take_limit(
		limit, value, SETTINGS_CONTROL_CLIENTS_MAX, BETWEEN(SETTINGS_CONTROL_CLIENTS_MAX));
}

static const struct config_key keys[] = {
	{ "server", "listen", offsetof(struct settings, listen), settings_take_listen },
	{ "server", "display", offsetof(struct settings, display), settings_take_display },
	{ "server", "wayland", offsetof(struct settings, wayland), settings_take_wayland },
	{ "server", "session", offsetof(struct settings, session), take_clean_text },
	{ "server", "virtual", offsetof(struct settings, virtual_width_px), settings_take_size },
	{ "server", "admin_group", offsetof(struct settings, admin_group), take_clean_text },
	{ "server", "log_keep", offsetof(struct settings, log_keep_s), config_take_duration },
	{ "tls", "tls12", offsetof(struct settings, tls12), config_take_bool },
	{ "tls", "tls13", offsetof(struct settings, tls13), config_take_bool },
	{ "tls", "resumption", offsetof(struct settings, resumption), config_take_bool },
	{ "tls", "ticket_lifetime", offsetof(struct settings, ticket_lifetime_s),
		take_ticket_lifetime },
	{ "tls", "cert", offsetof(struct settings, cert), take_path },
	{ "tls", "key", offsetof(struct settings, key), take_path },
	{ "tls", "ca", offsetof(struct settings, ca), take_path },
	{ "gateway", "proxy_from", offsetof(struct settings, gateways), gateways_take },
	{ "files", "folders", offsetof(struct settings, files), settings_take_folders },
	{ "limits", "sessions", offsetof(struct settings, limits.sessions), take_sessions },
	{ "limits", "invitations", offsetof(struct settings, limits.invitations),
		take_invitations },
	{ "limits", "control_clients", offsetof(struct settings, limits.control_clients),
		take_control_clients },
	{ "clipboard", "directions", offsetof(struct settings, clipboard.caps),
		settings_clipboard_take_directions },
	{ "clipboard", "kinds", offsetof(struct settings, clipboard.rules.kinds),
		settings_clipboard_take_kinds },
	{ "clipboard", "max_text", offsetof(struct settings, clipboard),
		settings_clipboard_take_max_text },
	{ "clipboard", "max_png", offsetof(struct settings, clipboard),
		settings_clipboard_take_max_png },
	{ "clipboard", "history", offsetof(struct settings, clipboard.history), config_take_bool },
	{ "tunnel", "relay", offsetof(struct settings, tunnel.relay), settings_take_relay },
	{ "tunnel", "bind", offsetof(struct settings, tunnel), take_bind },
	{ "tunnel", "key", offsetof(struct settings, tunnel.key), take_path },
	{ 0 },
};

/* What each value allows and all together do not; NULL: nothing. */
static const char *contradiction_of(const struct settings *s)
{
	if (!s->tls12 && !s->tls13)
		return "[tls] tls12 and tls13 are both off: nobody could connect";
	if (s->display[0] != '\0' && s->virtual_width_px > 0)
		return "[server] display and virtual exclude each other: one attaches to a display, the other starts one";
	if (s->wayland[0] != '\0' && (s->display[0] != '\0' || s->virtual_width_px > 0))
		return "[server] wayland excludes display and virtual: it names the session to show";
	if ((s->cert[0] != '\0') != (s->key[0] != '\0'))
		return "[tls] cert and key belong together: one is set without the other";
	return NULL;
}

int settings_read(struct settings *s, const char *path, char error[static CONFIG_ERROR_MAX_BYTES])
{
	char usual[PATH_MAX];
	bool given = path != NULL;
	int r = 0;

	*s = settings_default();
	if (!given) {
		r = path_of(PATH_CONFIG, "farseat.conf", usual);
		path = usual;
	}
	if (r == 0)
		r = config_read(path, keys, s, error);
	if (r == -ENOENT && !given)
		r = 0;
	else if (r == -ENOENT)
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "%.400s: there is no such file", path);
	const char *contradiction = r == 0 ? contradiction_of(s) : NULL;
	if (contradiction) {
		snprintf(error, CONFIG_ERROR_MAX_BYTES, "%.300s: %s", path, contradiction);
		r = -EINVAL;
	}
	return r;
}
