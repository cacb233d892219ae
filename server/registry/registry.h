/*
 * The registry: who may come in (an allow-list by SHA-256 of the certificate), invitations, and the
 * server's own id. One JSON file, 0600, replaced as a whole under a lock; farseatctl and the signer
 * change it, the supervisor reads it.
 */
#pragma once

#include "common/base/paths.h"
#include "common/crypto/cert.h"
#include "common/crypto/invitation.h"

#define REGISTRY_DEVICES_MAX 10000 /* active at once */
#define REGISTRY_ENTRIES_MAX 40000 /* with the revoked ones, as they are read */
/* Invitations that wait at once: more than a company hands out in a day, and a list that a person
 * can still read. */
#define REGISTRY_PENDING_MAX     160
#define REGISTRY_INVITATIONS_MAX 1000 /* the oldest ended ones are forgotten beyond it */
#define REGISTRY_FILE_MAX_BYTES  (64U * 1024 * 1024)
#define REGISTRY_NAME_MAX_BYTES  64 /* with its end: what an administrator calls a device */
#define REGISTRY_ID_MAX_BYTES    37 /* a UUID and its end */
#define REGISTRY_ERROR_MAX_BYTES 512

enum registry_role { REGISTRY_CONTROL, REGISTRY_VIEW, REGISTRY_CUSTOM };

struct registry_key {
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES]; /* of the certificate */
	uint8_t public_key[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	size_t public_key_len; /* 0: there is none */
	uint8_t serial[20];
	size_t serial_len;
	int64_t issued_s, expires_s;
};

struct registry_device {
	char id[REGISTRY_ID_MAX_BYTES];
	char name[REGISTRY_NAME_MAX_BYTES]; /* unique among the active ones */
	char label[CRYPTO_NAME_MAX_BYTES];  /* what the laptop called itself */
	uint32_t caps;                      /* enum wire_cap */
	bool revoked;
	bool archived; /* revoked, past its certificates' end, and no longer in the file */
	int64_t revoked_s;
	struct registry_key key; /* the present certificate */
	struct registry_key
		previous; /* the one before a renewal: good until the new one was used */
};

enum registry_invitation_state { REGISTRY_PENDING, REGISTRY_SPENT, REGISTRY_WITHDRAWN };

struct registry_invitation {
	char name[REGISTRY_NAME_MAX_BYTES]; /* of the device that it will make */
	uint32_t caps;
	int64_t created_s, expires_s;
	enum registry_invitation_state state;
	uint8_t fingerprint[CRYPTO_FINGERPRINT_BYTES];
	struct crypto_der cert;
};

struct registry {
	char server_id[SERVER_ID_MAX_BYTES];
	char workstation[CRYPTO_NAME_MAX_BYTES]; /* what people call it: the host name unless told
						    otherwise */
	/* Rises with each change that is saved, and is the number of the list of revoked
	 * certificates. In the file it is called crl_number, since older versions know it so. */
	int64_t number;
	struct registry_device *devices; /* owned */
	size_t device_count;
	struct registry_invitation *invitations; /* owned */
	size_t invitation_count;
	bool journaled; /* the file goes on in a journal (registry_journal.h) */
	struct registry_stored
		*stored; /* owned: what lies on the disk; NULL: not known, or small */
};

/* Where it is. */
int registry_path(char out[static PATH_MAX]) MUST_CHECK;

/*
 * Reads it into *out (initialised here). On failure error is one line for people: -ENOENT not there
 * yet ("run farseatctl init"), -EINVAL damaged (the file is left alone), -ESTALE older than what
 * this workstation has had, others.
 */
int registry_load(struct registry *out, char error[static REGISTRY_ERROR_MAX_BYTES]) MUST_CHECK;

/* Brings r up to date with the file, at the cost of what has changed. On failure (as above) r stays
 * as it was. */
int registry_refresh(struct registry *r, char error[static REGISTRY_ERROR_MAX_BYTES]) MUST_CHECK;

/*
 * Writes it with the next number, and lets the state folder remember that. Under the lock, and r was
 * loaded or refreshed under it. Of a large one only what has changed is written. A revoked device
 * whose certificates have ended goes to the archive (REGISTRY_ARCHIVE, lines of JSON) some time.
 */
int registry_save(struct registry *r) MUST_CHECK;

/* Writes it without a journal, for a daemon of an older version. Under the lock. */
int registry_flatten(void) MUST_CHECK;

#define REGISTRY_ARCHIVE "server/archive.jsonl"

/*
 * What the state folder remembers: the registry as it was saved last, so that an older one that
 * comes back from a backup is noticed. It lies in a folder of its own, which no backup should hold.
 */
#define REGISTRY_LATEST "latest"
/* Makes up leeway: whoever saved without this (an older version, a crash in between). Never waits. */
void registry_remember(const struct registry *r);

/* For farseatctl restore: another file as registry_load, whatever its number; and the remembered
 * one (-ENOENT: nothing is remembered). path NULL: the registry itself. */
int registry_load_file(struct registry *out, const char *path,
	char error[static REGISTRY_ERROR_MAX_BYTES]) MUST_CHECK;
int registry_load_latest(struct registry *out) MUST_CHECK;

void registry_finish(struct registry *r);
/* Only the devices and invitations. */
void registry_finish_lists(struct registry *r);

/* The lock for load-change-save; blocks. The descriptor is the caller's: closing it unlocks. */
int registry_lock(int *fd) MUST_CHECK;
/* The same for a caller that must not wait: -EWOULDBLOCK. */
int registry_try_lock(int *fd) MUST_CHECK;

/* Active device by name or by certificate (present or previous), or NULL. *key: which of its keys
 * matched. */
struct registry_device *registry_find_name(const struct registry *r, const char *name);
struct registry_device *registry_find_fingerprint(const struct registry *r,
	const uint8_t fingerprint[static 32], const struct registry_key **key);
struct registry_device *registry_find_id(const struct registry *r, const char *id);
/* By certificate among the revoked too: to say why. */
const struct registry_device *registry_find_any(
	const struct registry *r, const uint8_t fingerprint[static 32]);

/*
 * Whether d, which came with its key present, may have a new certificate (ARCHITECTURE.md,
 * D-RENEWAL): from two thirds of the present one's life on, less a day for clocks that differ. One
 * a day, where it renews with the certificate before the last one since that never reached it.
 */
#define REGISTRY_RENEWAL_EARLY "it is too early for a new certificate"
bool registry_renewal_due(
	const struct registry_device *d, const struct registry_key *present, int64_t now_s);

struct registry_invitation *registry_find_invitation(
	const struct registry *r, const uint8_t fingerprint[static 32]);
bool registry_invitation_pending(const struct registry_invitation *i, int64_t now_s);

/* Whether one more device may be added. */
bool registry_has_room(const struct registry *r);
size_t registry_pending_count(const struct registry *r, int64_t now_s);

/* Adds; what they point to may move. -E2BIG over the limit, -EEXIST an active device has that name,
 * -ENOMEM. */
int registry_add_device(struct registry *r, const struct registry_device *device) MUST_CHECK;
int registry_add_invitation(
	struct registry *r, const struct registry_invitation *invitation) MUST_CHECK;

/* Whether a device may be called so: 1 to 63 letters, digits, '.', '-', '_', not beginning with '-'
 * or '.'. */
bool registry_name_valid(const char *name);

enum registry_role registry_role_of(uint32_t caps);
const char *registry_role_name(uint32_t caps);
/* -EINVAL: no such role. */
int registry_role_caps(const char *role, uint32_t *caps) MUST_CHECK;

/* A random UUID (RFC 9562, version 4). */
int registry_new_id(char out[static REGISTRY_ID_MAX_BYTES]) MUST_CHECK;
