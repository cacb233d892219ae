/*
 * The workstations this person is enrolled with: one folder each below the data folder, holding
 * address, server id, this laptop's key and certificate, the workstation's CA, and the session to
 * resume. farseat; the key is read only to be handed to farseat-link.
 */
#pragma once

#include "client/session/clipboard_mode.h"
#include "client/way/way.h"
#include "common/base/paths.h"
#include "common/crypto/cert.h"
#include "common/crypto/invitation.h"

#define WORKSTATION_NAME_MAX_BYTES    64
#define WORKSTATION_WORD_BYTES        8
#define WORKSTATION_DEFAULT_PORT      INVITATION_DEFAULT_PORT
#define WORKSTATION_SESSION_MAX_BYTES 8192 /* RECORD_SESSION_MAX_BYTES */

struct workstation {
	char name[WORKSTATION_NAME_MAX_BYTES];
	char host[INVITATION_HOST_MAX_BYTES];
	uint16_t port;
	char server_id[SERVER_ID_MAX_BYTES];
	struct way way; /* the way there */
	/* How its window opens, unless the command line says otherwise. */
	char scale[WORKSTATION_WORD_BYTES]; /* "auto", "fit", "1:1"; "" not set */
	bool fullscreen, physical_keys;
	enum clipboard_mode clipboard;
	bool no_sound; /* the person does not want to hear its session */
};

/* What proves who we are; wiped by workstation_secrets_wipe. */
struct workstation_secrets {
	uint8_t key_der[CRYPTO_KEY_DER_MAX_BYTES];
	size_t key_len;
	struct crypto_der cert, ca;
	uint8_t session[WORKSTATION_SESSION_MAX_BYTES]; /* to resume; session_len 0: none */
	size_t session_len;
};

/* What a name is, for messages. */
#define WORKSTATION_NAME_RULE                                                                      \
	"letters, digits, '.', '_' and '-' in UTF-8, at most 63 bytes, and not beginning with '.' or '-'"

/* Whether name can be a folder's: 1 .. 63 bytes of letters, digits, '.', '_', '-', or characters
 * beyond ASCII in clean UTF-8; no leading '.' or '-'. */
bool workstation_name_valid(const char *name);

/* Makes a valid name of a host name that the other end gave: what cannot stand becomes '-';
 * "workstation" when nothing is left. */
void workstation_name_from(const char *text, char out[static WORKSTATION_NAME_MAX_BYTES]);

/* Whether a way's text can be kept in workstation.conf: one line of clean UTF-8 of at most so many
 * bytes, without what begins a comment there. */
#define WORKSTATION_WAY_TEXT_MAX 180
bool workstation_way_text_valid(const char *text);

/* -ENOENT: not known; -EINVAL: the name, or the file, is not well formed (*why, static text, then
 * says what). */
int workstation_load(const char *name, struct workstation *out, const char **why) MUST_CHECK;

/* The key, the certificates and the session. -ENOENT, -EINVAL, -EACCES with *what naming the file.
 */
int workstation_load_secrets(
	const struct workstation *w, struct workstation_secrets *out, const char **what) MUST_CHECK;
void workstation_secrets_wipe(struct workstation_secrets *s);

/* Whether a new workstation could be stored, by writing as much as it takes and taking it away
 * again: asked before an invitation is spent. */
int workstation_try_store(void) MUST_CHECK;

/*
 * Stores a new workstation: everything is written to a folder beside it, which is then renamed.
 * -EEXIST when there is one of that name (with replace: the old one goes once the new one stands).
 */
int workstation_store(const struct workstation *w, const struct crypto_key *key,
	const struct crypto_der *cert, const struct crypto_der *ca, bool replace) MUST_CHECK;

/* Replaces key and certificate of a known one by renewed ones, as one step: the folder is made
 * anew. */
int workstation_store_renewed(const struct workstation *w, const struct crypto_key *key,
	const struct crypto_der *cert) MUST_CHECK;

/* Keeps the session to resume; len 0 removes it. */
int workstation_store_session(
	const struct workstation *w, const uint8_t *session, size_t len) MUST_CHECK;

/* Writes workstation.conf anew, in one step. -EINVAL: a text cannot be kept. */
int workstation_store_conf(const struct workstation *w) MUST_CHECK;

/* Calls it by another, valid name. -EEXIST: there is one of that name. */
int workstation_rename(const char *name, const char *to) MUST_CHECK;

/* Removes the folder, with key and certificates. -ENOENT. */
int workstation_remove(const char *name) MUST_CHECK;

/* Names in order; free each and the array with workstation_list_free. No folder is an empty list.
 */
int workstation_list(char ***names, size_t *count) MUST_CHECK;
void workstation_list_free(char **names, size_t count);

/* When the session was last open, seconds since the epoch; 0 never. In the state folder. */
int64_t workstation_last_seen(const char *name);
int workstation_store_last_seen(const char *name, int64_t when_s) MUST_CHECK;

/* Path of one of its files, for messages: "device.key" -> ".../workstations/NAME/device.key". */
int workstation_path(const char *name, const char *file, char out[static PATH_MAX]) MUST_CHECK;
