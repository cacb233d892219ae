#include "server/registry/registry_json.h"

#include "server/registry/caps.h"
#include "server/registry/seen.h"

const char *registry_device_state(const struct registry_device *d, int64_t now_s)
{
	if (d->revoked)
		return "revoked";
	return d->key.expires_s <= now_s ? "expired" : "active";
}

json_t *registry_device_json(const struct registry_device *d, int64_t now_s)
{
	char fingerprint[CRYPTO_FINGERPRINT_HEX_BYTES];

	crypto_fingerprint_hex(d->key.fingerprint, fingerprint);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:b}", "device",
		d->name, "device_id", d->id, "state", registry_device_state(d, now_s), "role",
		registry_role_name(d->caps), "label", d->label, "caps", caps_json(d->caps),
		"fingerprint", fingerprint, "issued", (json_int_t)d->key.issued_s, "expires",
		(json_int_t)d->key.expires_s, "last_seen", (json_int_t)seen_when(d->id), "revoked",
		(json_int_t)d->revoked_s, "renewing", d->previous.public_key_len > 0);
}
