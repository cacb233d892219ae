/* The registry's file: JSON, because people read it and other tools may; bytes are hexadecimal. */
#include "server/registry/registry.h"

#include "common/base/fd.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION 1

static const char *const state_names[] = {
	[REGISTRY_PENDING] = "pending",
	[REGISTRY_SPENT] = "spent",
	[REGISTRY_WITHDRAWN] = "withdrawn",
};

static json_t *hex_of(const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * CRYPTO_CERT_DER_MAX_BYTES + 1];

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return json_stringn(text, 2 * len);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_hex(const json_t *object, const char *name, uint8_t *out, size_t max, size_t *len)
{
	const char *text = json_string_value(json_object_get(object, name));
	size_t n = text ? strlen(text) : 1;

	if (n % 2 != 0 || n / 2 > max)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	*len = n / 2;
	return true;
}

static bool get_text(const json_t *object, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, name));

	if (!text || strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool get_number(const json_t *object, const char *name, int64_t *out)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value))
		return false;
	*out = json_integer_value(value);
	return true;
}

static bool get_caps(const json_t *object, uint32_t *out)
{
	int64_t caps;

	if (!get_number(object, "caps", &caps) || caps < 0 || caps > UINT32_MAX)
		return false;
	*out = (uint32_t)caps;
	return true;
}

static json_t *key_to_json(const struct registry_key *k)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:I}", "fingerprint",
		hex_of(k->fingerprint, sizeof(k->fingerprint)), "public_key",
		hex_of(k->public_key, k->public_key_len), "serial",
		hex_of(k->serial, k->serial_len), "issued", (json_int_t)k->issued_s, "expires",
		(json_int_t)k->expires_s);
}

static bool key_from_json(const json_t *object, struct registry_key *k)
{
	size_t len = 0;

	return get_hex(object, "fingerprint", k->fingerprint, sizeof(k->fingerprint), &len) &&
	       len == sizeof(k->fingerprint) &&
	       get_hex(object, "public_key", k->public_key, sizeof(k->public_key),
		       &k->public_key_len) &&
	       k->public_key_len > 0 &&
	       get_hex(object, "serial", k->serial, sizeof(k->serial), &k->serial_len) &&
	       get_number(object, "issued", &k->issued_s) &&
	       get_number(object, "expires", &k->expires_s);
}

static json_t *device_to_json(const struct registry_device *d)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:b, s:I, s:o}", "id", d->id, "name", d->name,
		"label", d->label, "caps", (json_int_t)d->caps, "revoked", d->revoked, "revoked_at",
		(json_int_t)d->revoked_s, "key", key_to_json(&d->key));

	if (o && d->previous.public_key_len > 0)
		json_object_set_new(o, "previous", key_to_json(&d->previous));
	return o;
}

static bool device_from_json(const json_t *o, struct registry_device *d)
{
	const json_t *previous = json_object_get(o, "previous");

	d->revoked = json_is_true(json_object_get(o, "revoked"));
	return get_text(o, "id", d->id, sizeof(d->id)) &&
	       get_text(o, "name", d->name, sizeof(d->name)) && registry_name_valid(d->name) &&
	       get_text(o, "label", d->label, sizeof(d->label)) && get_caps(o, &d->caps) &&
	       get_number(o, "revoked_at", &d->revoked_s) &&
	       key_from_json(json_object_get(o, "key"), &d->key) &&
	       (!previous || key_from_json(previous, &d->previous));
}

static json_t *invitation_to_json(const struct registry_invitation *i)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:s, s:o, s:o}", "name", i->name, "caps",
		(json_int_t)i->caps, "created", (json_int_t)i->created_s, "expires",
		(json_int_t)i->expires_s, "state", state_names[i->state], "fingerprint",
		hex_of(i->fingerprint, sizeof(i->fingerprint)), "certificate",
		hex_of(i->cert.bytes, i->cert.len));
}

static bool invitation_from_json(const json_t *o, struct registry_invitation *i)
{
	const char *state = json_string_value(json_object_get(o, "state"));
	size_t len = 0, found = ARRAY_LEN(state_names);

	for (size_t s = 0; state && s < ARRAY_LEN(state_names); s++)
		if (strcmp(state, state_names[s]) == 0)
			found = s;
	if (found == ARRAY_LEN(state_names))
		return false;
	i->state = (enum registry_invitation_state)found;
	return get_text(o, "name", i->name, sizeof(i->name)) && registry_name_valid(i->name) &&
	       get_caps(o, &i->caps) && get_number(o, "created", &i->created_s) &&
	       get_number(o, "expires", &i->expires_s) &&
	       get_hex(o, "fingerprint", i->fingerprint, sizeof(i->fingerprint), &len) &&
	       len == sizeof(i->fingerprint) &&
	       get_hex(o, "certificate", i->cert.bytes, sizeof(i->cert.bytes), &i->cert.len) &&
	       i->cert.len > 0;
}

static int read_devices(const json_t *list, struct registry *r)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count > REGISTRY_DEVICES_MAX)
		return -EINVAL;
	r->devices = calloc(count + 1, sizeof(*r->devices));
	if (!r->devices)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!device_from_json(json_array_get(list, i), &r->devices[r->device_count++]))
			return -EINVAL;
	return 0;
}

static int read_invitations(const json_t *list, struct registry *r)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count > REGISTRY_INVITATIONS_MAX)
		return -EINVAL;
	r->invitations = calloc(count + 1, sizeof(*r->invitations));
	if (!r->invitations)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!invitation_from_json(
			    json_array_get(list, i), &r->invitations[r->invitation_count++]))
			return -EINVAL;
	return 0;
}

static int read_all(const json_t *root, struct registry *r)
{
	const json_t *server = json_object_get(root, "server");
	int64_t version = 0;

	if (!get_number(root, "version", &version) || version != FORMAT_VERSION)
		return -EINVAL;
	if (!get_text(server, "id", r->server_id, sizeof(r->server_id)) ||
		!server_id_valid(r->server_id) ||
		!get_text(server, "workstation", r->workstation, sizeof(r->workstation)) ||
		!get_number(server, "crl_number", &r->crl_number))
		return -EINVAL;
	int result = read_devices(json_object_get(root, "devices"), r);
	return result < 0 ? result : read_invitations(json_object_get(root, "invitations"), r);
}

int registry_load(struct registry *out, char error[static REGISTRY_ERROR_MAX_BYTES])
{
	char path[PATH_MAX];
	struct buffer text = { 0 };
	struct registry loaded = { 0 };

	int r = registry_path(path);
	if (r == 0)
		r = file_read(path, REGISTRY_FILE_MAX_BYTES, &text);
	if (r < 0) {
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			r == -ENOENT
				? "this workstation has no identity yet (%.300s is not there): run 'farseatctl init'"
				: "cannot read the registry %.300s: %s",
			path, strerror(-r));
		return r;
	}
	json_t *root = json_loadb(
		(const char *)buffer_front(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	buffer_finish(&text);
	r = root ? read_all(root, &loaded) : -EINVAL;
	json_decref(root);
	if (r < 0) {
		registry_finish(&loaded);
		snprintf(error, REGISTRY_ERROR_MAX_BYTES,
			"the registry %.300s is damaged (%s); it was left as it is: restore it from a backup",
			path, root ? "a field is missing or out of its range" : "it is not JSON");
		return r;
	}
	*out = loaded;
	return 0;
}

static json_t *all_to_json(const struct registry *r)
{
	json_t *devices = json_array(), *invitations = json_array();

	for (size_t i = 0; i < r->device_count; i++)
		json_array_append_new(devices, device_to_json(&r->devices[i]));
	for (size_t i = 0; i < r->invitation_count; i++)
		json_array_append_new(invitations, invitation_to_json(&r->invitations[i]));
	return json_pack("{s:i, s:{s:s, s:s, s:I}, s:o, s:o}", "version", FORMAT_VERSION, "server",
		"id", r->server_id, "workstation", r->workstation, "crl_number",
		(json_int_t)r->crl_number, "devices", devices, "invitations", invitations);
}

int registry_save(const struct registry *r)
{
	char path[PATH_MAX];
	int result = registry_path(path);

	if (result < 0)
		return result;
	json_t *root = all_to_json(r);
	/* An allocation that failed inside leaves a device out: never write a shorter list. */
	bool whole = root && json_array_size(json_object_get(root, "devices")) == r->device_count &&
		     json_array_size(json_object_get(root, "invitations")) == r->invitation_count;
	char *text = whole ? json_dumps(root, JSON_INDENT(1)) : NULL;
	json_decref(root);
	if (!text)
		return -ENOMEM;
	result = file_replace(path, text, strlen(text), 0600);
	free(text);
	return result;
}
