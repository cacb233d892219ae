#include "server/registry/registry_journal.h"

#include "common/base/fd.h"
#include "common/base/paths.h"
#include "common/crypto/random.h"
#include "common/wire/messages.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int registry_path(char out[static PATH_MAX])
{
	return path_of(PATH_DATA, "server/registry.json", out);
}

static int take_lock(int operation, int *fd)
{
	char path[PATH_MAX];
	int r = path_of(PATH_DATA, "server/registry.lock", path);

	if (r < 0)
		return r;
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock < 0)
		return -errno;
	while (flock(lock, operation) < 0) {
		if (errno != EINTR) {
			r = -errno;
			fd_close(&lock);
			return r;
		}
	}
	*fd = lock;
	return 0;
}

int registry_lock(int *fd)
{
	return take_lock(LOCK_EX, fd);
}

int registry_try_lock(int *fd)
{
	return take_lock(LOCK_EX | LOCK_NB, fd);
}

void registry_finish_lists(struct registry *r)
{
	free(r->devices);
	free(r->invitations);
	r->devices = NULL;
	r->invitations = NULL;
	r->device_count = 0;
	r->invitation_count = 0;
}

void registry_finish(struct registry *r)
{
	registry_finish_lists(r);
	registry_stored_destroy(r->stored);
	*r = (struct registry){ 0 };
}

struct registry_device *registry_find_name(const struct registry *r, const char *name)
{
	for (size_t i = 0; i < r->device_count; i++)
		if (!r->devices[i].revoked && strcmp(r->devices[i].name, name) == 0)
			return &r->devices[i];
	return NULL;
}

struct registry_device *registry_find_id(const struct registry *r, const char *id)
{
	for (size_t i = 0; i < r->device_count; i++)
		if (!r->devices[i].revoked && strcmp(r->devices[i].id, id) == 0)
			return &r->devices[i];
	return NULL;
}

static bool key_is(const struct registry_key *key, const uint8_t fingerprint[static 32])
{
	return key->public_key_len > 0 &&
	       crypto_equal(key->fingerprint, fingerprint, CRYPTO_FINGERPRINT_BYTES);
}

struct registry_device *registry_find_fingerprint(const struct registry *r,
	const uint8_t fingerprint[static 32], const struct registry_key **key)
{
	for (size_t i = 0; i < r->device_count; i++) {
		struct registry_device *d = &r->devices[i];
		if (d->revoked)
			continue;
		if (key_is(&d->key, fingerprint)) {
			*key = &d->key;
			return d;
		}
		if (key_is(&d->previous, fingerprint)) {
			*key = &d->previous;
			return d;
		}
	}
	return NULL;
}

/* Before a renewal whose answer was lost may be repeated: a day, or an hour on the last day. */
#define DAY_S  INT64_C(86400)
#define HOUR_S INT64_C(3600)

bool registry_renewal_due(
	const struct registry_device *d, const struct registry_key *present, int64_t now_s)
{
	int64_t left_s = present->expires_s - now_s;

	if (left_s > (present->expires_s - present->issued_s) / 3 + DAY_S)
		return false;
	return present == &d->key || now_s - d->key.issued_s >= (left_s > DAY_S ? DAY_S : HOUR_S);
}

const struct registry_device *registry_find_any(
	const struct registry *r, const uint8_t fingerprint[static 32])
{
	for (size_t i = 0; i < r->device_count; i++)
		if (key_is(&r->devices[i].key, fingerprint) ||
			key_is(&r->devices[i].previous, fingerprint))
			return &r->devices[i];
	return NULL;
}

struct registry_invitation *registry_find_invitation(
	const struct registry *r, const uint8_t fingerprint[static 32])
{
	for (size_t i = 0; i < r->invitation_count; i++)
		if (crypto_equal(
			    r->invitations[i].fingerprint, fingerprint, CRYPTO_FINGERPRINT_BYTES))
			return &r->invitations[i];
	return NULL;
}

bool registry_invitation_pending(const struct registry_invitation *i, int64_t now_s)
{
	return i->state == REGISTRY_PENDING && now_s < i->expires_s;
}

bool registry_has_room(const struct registry *r)
{
	size_t active = 0;

	for (size_t i = 0; i < r->device_count; i++)
		active += !r->devices[i].revoked;
	return active < REGISTRY_DEVICES_MAX && r->device_count < REGISTRY_ENTRIES_MAX;
}

size_t registry_pending_count(const struct registry *r, int64_t now_s)
{
	size_t pending = 0;

	for (size_t i = 0; i < r->invitation_count; i++)
		pending += registry_invitation_pending(&r->invitations[i], now_s);
	return pending;
}

int registry_add_device(struct registry *r, const struct registry_device *device)
{
	if (!registry_has_room(r))
		return -E2BIG;
	if (registry_find_name(r, device->name))
		return -EEXIST;
	struct registry_device *grown =
		reallocarray(r->devices, r->device_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	r->devices = grown;
	r->devices[r->device_count++] = *device;
	return 0;
}

/* Forgets the oldest invitation that has ended, when there are many. */
static void forget_ended(struct registry *r, int64_t now_s)
{
	if (r->invitation_count < REGISTRY_INVITATIONS_MAX)
		return;
	for (size_t i = 0; i < r->invitation_count; i++) {
		if (registry_invitation_pending(&r->invitations[i], now_s))
			continue;
		memmove(&r->invitations[i], &r->invitations[i + 1],
			(r->invitation_count - i - 1) * sizeof(*r->invitations));
		r->invitation_count--;
		return;
	}
}

int registry_add_invitation(struct registry *r, const struct registry_invitation *invitation)
{
	if (registry_pending_count(r, invitation->created_s) >= REGISTRY_PENDING_MAX)
		return -E2BIG;
	forget_ended(r, invitation->created_s);
	struct registry_invitation *grown =
		reallocarray(r->invitations, r->invitation_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	r->invitations = grown;
	r->invitations[r->invitation_count++] = *invitation;
	return 0;
}

bool registry_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= REGISTRY_NAME_MAX_BYTES || name[0] == '-' || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr(".-_", name[i]))
			return false;
	return true;
}

enum registry_role registry_role_of(uint32_t caps)
{
	return caps == WIRE_CAPS_CONTROL ? REGISTRY_CONTROL
	       : caps == WIRE_CAPS_VIEW  ? REGISTRY_VIEW
					 : REGISTRY_CUSTOM;
}

const char *registry_role_name(uint32_t caps)
{
	static const char *const names[] = {
		[REGISTRY_CONTROL] = "control",
		[REGISTRY_VIEW] = "view",
		[REGISTRY_CUSTOM] = "custom",
	};

	return names[registry_role_of(caps)];
}

int registry_role_caps(const char *role, uint32_t *caps)
{
	if (strcmp(role, "control") == 0)
		*caps = WIRE_CAPS_CONTROL;
	else if (strcmp(role, "view") == 0)
		*caps = WIRE_CAPS_VIEW;
	else
		return -EINVAL;
	return 0;
}

int registry_new_id(char out[static REGISTRY_ID_MAX_BYTES])
{
	uint8_t b[16];
	int r = crypto_random(b, sizeof(b));

	if (r < 0)
		return r;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* variant */
	snprintf(out, REGISTRY_ID_MAX_BYTES,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
	return 0;
}
