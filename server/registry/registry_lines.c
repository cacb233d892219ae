#include "server/registry/registry_lines.h"

#include <string.h>

const char *const registry_state_names[] = {
	[REGISTRY_PENDING] = "pending",
	[REGISTRY_SPENT] = "spent",
	[REGISTRY_WITHDRAWN] = "withdrawn",
};

/* Sticky: after the first byte that is not as expected nothing is read any more. */
struct scan {
	const char *at, *end;
	bool failed;
};

static bool take(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (s->failed || (size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return false;
	s->at += len;
	return true;
}

static void expect(struct scan *s, const char *word)
{
	if (!take(s, word))
		s->failed = true;
}

/* Text without escapes and beyond ASCII; jansson reads the others. With the closing quote. */
static void scan_text(struct scan *s, char *out, size_t size)
{
	size_t len = 0, left = (size_t)(s->end - s->at);

	while (!s->failed && len < left && s->at[len] >= 0x20 && s->at[len] < 0x7F &&
		s->at[len] != '"' && s->at[len] != '\\')
		len++;
	if (s->failed || len == left || s->at[len] != '"' || len >= size) {
		s->failed = true;
		return;
	}
	memcpy(out, s->at, len);
	out[len] = '\0';
	s->at += len + 1;
}

/* Whole numbers of up to 18 digits, which fit: what we write. */
static int64_t scan_number(struct scan *s)
{
	int64_t value = 0;
	size_t digits = 0;

	for (; !s->failed && s->at < s->end && *s->at >= '0' && *s->at <= '9' && digits < 19;
		s->at++, digits++)
		value = digits < 18 ? value * 10 + (*s->at - '0') : value;
	if (digits == 0 || digits > 18)
		s->failed = true;
	return value;
}

static uint32_t scan_caps(struct scan *s)
{
	int64_t caps = scan_number(s);

	if (caps > UINT32_MAX)
		s->failed = true;
	return (uint32_t)caps;
}

/* One more than a digit's value; 0: it is none. */
static const uint8_t digits[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
};

/* With the closing quote. */
static size_t scan_hex(struct scan *s, uint8_t *out, size_t max)
{
	size_t left = s->failed ? 0 : MIN(max, (size_t)(s->end - s->at) / 2), len = 0;
	const char *at = s->at;

	for (; len < left; len++, at += 2) {
		uint8_t high = digits[(uint8_t)at[0]], low = digits[(uint8_t)at[1]];
		if (high == 0 || low == 0)
			break;
		out[len] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	s->at = at;
	expect(s, "\"");
	return len;
}

static void scan_key(struct scan *s, struct registry_key *k)
{
	expect(s, "{\"fingerprint\": \"");
	if (scan_hex(s, k->fingerprint, sizeof(k->fingerprint)) != sizeof(k->fingerprint))
		s->failed = true;
	expect(s, ", \"public_key\": \"");
	k->public_key_len = scan_hex(s, k->public_key, sizeof(k->public_key));
	if (k->public_key_len == 0)
		s->failed = true;
	expect(s, ", \"serial\": \"");
	k->serial_len = scan_hex(s, k->serial, sizeof(k->serial));
	expect(s, ", \"issued\": ");
	k->issued_s = scan_number(s);
	expect(s, ", \"expires\": ");
	k->expires_s = scan_number(s);
	expect(s, "}");
}

bool registry_scan_device(const char *text, size_t len, struct registry_device *d)
{
	struct scan s = { .at = text, .end = text + len };

	expect(&s, "{\"id\": \"");
	scan_text(&s, d->id, sizeof(d->id));
	expect(&s, ", \"name\": \"");
	scan_text(&s, d->name, sizeof(d->name));
	expect(&s, ", \"label\": \"");
	scan_text(&s, d->label, sizeof(d->label));
	expect(&s, ", \"caps\": ");
	d->caps = scan_caps(&s);
	expect(&s, ", \"revoked\": ");
	d->revoked = take(&s, "true");
	if (!d->revoked)
		expect(&s, "false");
	expect(&s, ", \"revoked_at\": ");
	d->revoked_s = scan_number(&s);
	expect(&s, ", \"key\": ");
	scan_key(&s, &d->key);
	if (take(&s, ", \"previous\": "))
		scan_key(&s, &d->previous);
	expect(&s, "}");
	return !s.failed && s.at == s.end && registry_name_valid(d->name);
}

bool registry_scan_invitation(const char *text, size_t len, struct registry_invitation *i)
{
	struct scan s = { .at = text, .end = text + len };
	char state[16] = "";
	size_t found = 0;

	expect(&s, "{\"name\": \"");
	scan_text(&s, i->name, sizeof(i->name));
	expect(&s, ", \"caps\": ");
	i->caps = scan_caps(&s);
	expect(&s, ", \"created\": ");
	i->created_s = scan_number(&s);
	expect(&s, ", \"expires\": ");
	i->expires_s = scan_number(&s);
	expect(&s, ", \"state\": \"");
	scan_text(&s, state, sizeof(state));
	while (found < ARRAY_LEN(registry_state_names) &&
		strcmp(state, registry_state_names[found]) != 0)
		found++;
	if (found == ARRAY_LEN(registry_state_names))
		return false;
	i->state = (enum registry_invitation_state)found;
	expect(&s, ", \"fingerprint\": \"");
	if (scan_hex(&s, i->fingerprint, sizeof(i->fingerprint)) != sizeof(i->fingerprint))
		return false;
	expect(&s, ", \"certificate\": \"");
	i->cert.len = scan_hex(&s, i->cert.bytes, sizeof(i->cert.bytes));
	expect(&s, "}");
	return !s.failed && s.at == s.end && i->cert.len > 0 && registry_name_valid(i->name);
}
