/* A CA with a server and a device, for the rig. */
#include "tests/support/rig/rig_internal.h"

#include <string.h>

static void sign(struct rig_identity *id, enum crypto_purpose purpose, const char *name,
	const struct crypto_key *key, struct crypto_der *out)
{
	uint8_t spki[CRYPTO_PUBLIC_KEY_DER_MAX_BYTES];
	struct crypto_cert_request request = { .purpose = purpose, .name = name };

	rig_must(crypto_key_public_der(key, spki, sizeof(spki), &request.public_key_len) == 0,
		"public key");
	request.public_key = spki;
	rig_must(crypto_ca_sign(id->ca_key, &id->ca, &request, out) == 0, "sign");
}

void rig_identity_create(struct rig_identity *id)
{
	memset(id, 0, sizeof(*id));
	rig_must(crypto_key_generate(&id->ca_key) == 0, "CA key");
	rig_must(crypto_ca_create(id->ca_key, "rig CA", &id->ca) == 0, "CA");
	rig_must(crypto_key_generate(&id->server_key) == 0, "server key");
	rig_must(crypto_key_generate(&id->device_key) == 0, "device key");
	sign(id, CRYPTO_FOR_SERVER, RIG_SERVER_ID CRYPTO_SERVER_SUFFIX, id->server_key,
		&id->server);
	sign(id, CRYPTO_FOR_DEVICE, "farseat:device:00000000-0000-4000-8000-000000000001",
		id->device_key, &id->device);
	rig_must(crypto_key_to_der(id->server_key, id->server_key_der, sizeof(id->server_key_der),
			 &id->server_key_len) == 0,
		"server key");
	rig_must(crypto_key_to_der(id->device_key, id->device_key_der, sizeof(id->device_key_der),
			 &id->device_key_len) == 0,
		"device key");
	rig_must(crypto_cert_fingerprint(
			 id->device.bytes, id->device.len, id->device_fingerprint) == 0,
		"fingerprint");
	rig_must(crypto_key_public_der(id->device_key, id->device_spki, sizeof(id->device_spki),
			 &id->device_spki_len) == 0,
		"device's public key");
}

void rig_identity_destroy(struct rig_identity *id)
{
	crypto_key_destroy(id->ca_key);
	crypto_key_destroy(id->server_key);
	crypto_key_destroy(id->device_key);
}
