/* The daemon's configuration: farseat.conf, then the command line. */
#pragma once

#include "common/cli/config.h"
#include "common/cli/options.h"
#include "common/crypto/invitation.h"
#include "common/ssh/ssh_destination.h"
#include "server/registry/gateway.h"
#include "server/registry/settings_clipboard.h"

#include <stdint.h>

#define SETTINGS_LISTEN_MAX  8
#define SETTINGS_PORT        TEXT_OF(INVITATION_DEFAULT_PORT)
#define SETTINGS_SIDE_MIN_PX 64
#define SETTINGS_SIDE_MAX_PX 16384
#define SETTINGS_FOLDERS_MAX 8
#define SETTINGS_FOLDERS     "~/Farseat"

/* The reverse tunnel. */
struct settings_tunnel {
	struct ssh_destination relay;    /* host "": there is none; else its user is named, too */
	char key[CONFIG_TEXT_MAX_BYTES]; /* empty: the one of farseatctl tunnel init */
	char bind_host[SSH_HOST_MAX_BYTES]; /* as the relay is asked for it; "*": every address */
	uint16_t bind_port;
};

/*
 * The folders that laptops may copy files from and to, whole paths. The first is where a path that
 * does not begin with / or ~ stands, and is made when it is missing.
 */
struct settings_files {
	char folders[SETTINGS_FOLDERS_MAX][CONFIG_TEXT_MAX_BYTES];
	size_t folder_count; /* 0: no files are copied */
};

/* What an administrator may change of the daemon's limits. */
struct settings_limits {
	unsigned sessions;        /* at once */
	unsigned invitations;     /* that wait at once */
	unsigned control_clients; /* farseatctl and the like, at once */
};

#define SETTINGS_SESSIONS_MAX        60 /* the agent has places for 64 workers */
#define SETTINGS_CONTROL_CLIENTS_MAX 256

struct settings {
	char listen[CONFIG_TEXT_MAX_BYTES];  /* addresses, separated by spaces or commas:
						"0.0.0.0:7420 [::]:7420"; ":7420" is all */
	char display[CONFIG_TEXT_MAX_BYTES]; /* ":0"; empty: $DISPLAY, or a virtual session */
	char wayland[CONFIG_TEXT_MAX_BYTES]; /* "wayland-1" or a path; empty: no Wayland session */
	char session[CONFIG_TEXT_MAX_BYTES]; /* command of a virtual session */
	char admin_group
		[CONFIG_TEXT_MAX_BYTES]; /* who may read status and the like; empty: nobody */
	uint16_t virtual_width_px, virtual_height_px; /* 0: attach */
	int64_t log_keep_s;                           /* of the audit log; 0: for ever */
	char cert[CONFIG_TEXT_MAX_BYTES], key[CONFIG_TEXT_MAX_BYTES],
		ca[CONFIG_TEXT_MAX_BYTES]; /* a company's own; empty: ours */
	bool tls12, tls13, resumption;
	int64_t ticket_lifetime_s;
	struct gateways gateways;
	struct settings_limits limits;
	struct settings_tunnel tunnel;
	struct settings_files files;
	struct settings_clipboard clipboard;
};

struct settings settings_default(void);

/* What of a device's capabilities the configuration leaves. */
uint32_t settings_caps(const struct settings *s, uint32_t caps);

/* The sample of every key, with its meaning, for farseatctl init. */
extern const char settings_sample[];

/* Reads path, or where it is NULL the usual file (which may be missing). error is one line on
 * failure. */
int settings_read(
	struct settings *s, const char *path, char error[static CONFIG_ERROR_MAX_BYTES]) MUST_CHECK;

/* USER@HOST[:PORT] to a struct ssh_destination, complete. NULL on success, or what is wrong. */
const char *settings_take_relay(void *destination, const char *value);

/* Addresses to listen on, as settings.listen; an X display's name, as settings.display. NULL on
 * success, or what is wrong. */
const char *settings_take_listen(void *text, const char *value);
const char *settings_take_display(void *text, const char *value);
/* A Wayland socket's name or path, as settings.wayland. */
const char *settings_take_wayland(void *text, const char *value);

/*
 * "~/Farseat:/srv/plans" to a struct settings_files; "~" is HOME. "none": no folder. NULL on
 * success, or what is wrong.
 */
const char *settings_take_folders(void *files, const char *value);

/* "1920x1080". NULL on success, or what is wrong with it. */
const char *settings_take_size(void *width_then_height, const char *value);
