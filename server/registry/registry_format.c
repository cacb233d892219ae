/* Writing the registry's text. */
#include "server/registry/registry_format.h"
#include "server/registry/registry_lines.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

static int add(struct buffer *b, const char *format, ...)
{
	char text[REGISTRY_HEAD_MAX_BYTES];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return n < 0 || (size_t)n >= sizeof(text) ? -E2BIG : buffer_append(b, text, (size_t)n);
}

static int add_hex(struct buffer *b, const char *before, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *at = NULL;

	int r = buffer_append(b, before, strlen(before));
	if (r == 0)
		r = buffer_reserve(b, 2 * len + 1, &at);
	if (r < 0)
		return r;
	assert(at);
	for (size_t i = 0; i < len; i++) {
		*at++ = (uint8_t)digits[bytes[i] >> 4];
		*at++ = (uint8_t)digits[bytes[i] & 15];
	}
	*at = '"';
	buffer_commit(b, 2 * len + 1);
	return 0;
}

/* A text, quoted. Most need no escapes, which spares jansson's allocations. */
static int add_text(struct buffer *b, const char *before, const char *text)
{
	size_t plain = 0;

	while (text[plain] >= 0x20 && text[plain] < 0x7F && text[plain] != '"' &&
		text[plain] != '\\')
		plain++;
	if (text[plain] == '\0')
		return add(b, "%s\"%s\"", before, text);
	if (add(b, "%s", before) < 0)
		return -ENOMEM;
	json_t *string = json_string(text);
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
	int r = quoted ? buffer_append(b, quoted, strlen(quoted)) : -EINVAL;

	free(quoted);
	json_decref(string);
	return r;
}

static int add_key(struct buffer *b, const char *name, const struct registry_key *k)
{
	int r = add(b, ", \"%s\": ", name);

	if (r == 0)
		r = add_hex(b, "{\"fingerprint\": \"", k->fingerprint, sizeof(k->fingerprint));
	if (r == 0)
		r = add_hex(b, ", \"public_key\": \"", k->public_key, k->public_key_len);
	if (r == 0)
		r = add_hex(b, ", \"serial\": \"", k->serial, k->serial_len);
	if (r == 0)
		r = add(b, ", \"issued\": %" PRId64 ", \"expires\": %" PRId64 "}", k->issued_s,
			k->expires_s);
	return r;
}

int registry_format_device(struct buffer *b, const struct registry_device *d)
{
	int r = add_text(b, "{\"id\": ", d->id);

	if (r == 0)
		r = add_text(b, ", \"name\": ", d->name);
	if (r == 0)
		r = add_text(b, ", \"label\": ", d->label);
	if (r == 0)
		r = add(b, ", \"caps\": %" PRIu32 ", \"revoked\": %s, \"revoked_at\": %" PRId64,
			d->caps, d->revoked ? "true" : "false", d->revoked_s);
	if (r == 0)
		r = add_key(b, "key", &d->key);
	if (r == 0 && d->previous.public_key_len > 0)
		r = add_key(b, "previous", &d->previous);
	return r < 0 ? r : buffer_append(b, "}", 1);
}

int registry_format_invitation(struct buffer *b, const struct registry_invitation *i)
{
	int r = add(b,
		"{\"name\": \"%s\", \"caps\": %" PRIu32 ", \"created\": %" PRId64
		", \"expires\": %" PRId64 ", \"state\": \"%s\"",
		i->name, i->caps, i->created_s, i->expires_s, registry_state_names[i->state]);

	if (r == 0)
		r = add_hex(b, ", \"fingerprint\": \"", i->fingerprint, sizeof(i->fingerprint));
	if (r == 0)
		r = add_hex(b, ", \"certificate\": \"", i->cert.bytes, i->cert.len);
	return r < 0 ? r : buffer_append(b, "}", 1);
}

int registry_format(struct buffer *b, const struct registry *r)
{
	int result = add(b, "{\"version\": %d, \"server\": {\"id\": \"%s\"",
		r->journaled ? REGISTRY_FORMAT_JOURNALED : REGISTRY_FORMAT_VERSION, r->server_id);

	if (result == 0)
		result = add_text(b, ", \"workstation\": ", r->workstation);
	if (result == 0)
		result = add(b, ", \"crl_number\": %" PRId64 "},\n%s\n", r->number,
			REGISTRY_LINE_DEVICES);
	const char *between = "";
	for (size_t i = 0; result == 0 && i < r->device_count; i++) {
		if (r->devices[i].archived)
			continue;
		result = add(b, "%s", between);
		if (result == 0)
			result = registry_format_device(b, &r->devices[i]);
		between = ",\n";
	}
	if (result == 0)
		result = add(b, "%s", between[0] ? "\n" : "");
	if (result == 0)
		result = add(b, "%s\n", REGISTRY_LINE_BETWEEN);
	for (size_t i = 0; result == 0 && i < r->invitation_count; i++) {
		result = registry_format_invitation(b, &r->invitations[i]);
		if (result == 0)
			result = add(b, i + 1 < r->invitation_count ? ",\n" : "\n");
	}
	return result < 0 ? result : add(b, "%s\n", REGISTRY_LINE_LAST);
}
