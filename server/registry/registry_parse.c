/* Reading the registry's text: quickly as we write it, and by jansson however else it is laid out. */
#include "server/registry/registry_format.h"
#include "server/registry/registry_lines.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading by jansson ---- */

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

static bool invitation_from_json(const json_t *o, struct registry_invitation *i)
{
	const char *state = json_string_value(json_object_get(o, "state"));
	size_t len = 0, found = ARRAY_LEN(registry_state_names);

	for (size_t s = 0; state && s < ARRAY_LEN(registry_state_names); s++)
		if (strcmp(state, registry_state_names[s]) == 0)
			found = s;
	if (found == ARRAY_LEN(registry_state_names))
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

	if (!json_is_array(list) || count > REGISTRY_ENTRIES_MAX)
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

	if (!get_number(root, "version", &version) ||
		(version != REGISTRY_FORMAT_VERSION && version != REGISTRY_FORMAT_JOURNALED))
		return -EINVAL;
	r->journaled = version == REGISTRY_FORMAT_JOURNALED;
	if (!get_text(server, "id", r->server_id, sizeof(r->server_id)) ||
		!server_id_valid(r->server_id) ||
		!get_text(server, "workstation", r->workstation, sizeof(r->workstation)) ||
		!get_number(server, "crl_number", &r->number))
		return -EINVAL;
	int result = read_devices(json_object_get(root, "devices"), r);
	return result < 0 ? result : read_invitations(json_object_get(root, "invitations"), r);
}

static int parse_any(const char *text, size_t len, struct registry *out)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	int r = root ? read_all(root, out) : -EBADMSG;

	json_decref(root);
	return r;
}

bool registry_parse_device(const char *text, size_t len, struct registry_device *out)
{
	struct registry_device d = { 0 };

	if (!registry_scan_device(text, len, &d)) {
		json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
		d = (struct registry_device){ 0 };
		bool good = o && device_from_json(o, &d);
		json_decref(o);
		if (!good)
			return false;
	}
	*out = d;
	return true;
}

bool registry_parse_invitation(const char *text, size_t len, struct registry_invitation *out)
{
	struct registry_invitation i = { 0 };

	if (!registry_scan_invitation(text, len, &i)) {
		json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
		i = (struct registry_invitation){ 0 };
		bool good = o && invitation_from_json(o, &i);
		json_decref(o);
		if (!good)
			return false;
	}
	*out = i;
	return true;
}

/* ---- reading lines as we write them ---- */

struct lines {
	const char *at, *end;
};

/* The next line without its end. false: there is none that is whole. */
static bool next_line(struct lines *l, const char **line, size_t *len)
{
	const char *end = l->at < l->end ? memchr(l->at, '\n', (size_t)(l->end - l->at)) : NULL;

	if (!end)
		return false;
	*line = l->at;
	*len = (size_t)(end - l->at);
	l->at = end + 1;
	return true;
}

static bool line_is(const char *line, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(line, word, len) == 0;
}

/* How many lines stand before the one that is word; REGISTRY_ENTRIES_MAX + 1: it does not come. */
static size_t count_until(struct lines l, const char *word)
{
	const char *line;
	size_t len, count = 0;

	while (count <= REGISTRY_ENTRIES_MAX && next_line(&l, &line, &len)) {
		if (line_is(line, len, word))
			return count;
		count++;
	}
	return REGISTRY_ENTRIES_MAX + 1;
}

/* The head as JSON of its own: its lists are begun there and closed here. */
static bool parse_head(const char *line, size_t len, struct registry *out)
{
	char text[REGISTRY_HEAD_MAX_BYTES];
	int n = snprintf(text, sizeof(text), "%.*s \"devices\": [], \"invitations\": []}",
		(int)MIN(len, sizeof(text)), line);

	return n > 0 && (size_t)n < sizeof(text) && parse_any(text, (size_t)n, out) == 0;
}

static bool each_line(struct lines *l, size_t count, struct registry *out, bool devices)
{
	const char *line;
	size_t len;

	for (size_t i = 0; i < count; i++) {
		if (!next_line(l, &line, &len) || len == 0)
			return false;
		bool last = i + 1 == count;
		if (line[len - 1] == ',')
			len--;
		else if (!last)
			return false;
		bool good = devices ? registry_parse_device(line, len, &out->devices[i])
				    : registry_parse_invitation(line, len, &out->invitations[i]);
		if (!good || (last && line[len] == ','))
			return false;
		*(devices ? &out->device_count : &out->invitation_count) = i + 1;
	}
	return next_line(l, &line, &len);
}

/* false: it is laid out otherwise, or is wrong. */
static bool parse_lines(const char *text, size_t text_len, struct registry *out)
{
	struct lines l = { text, text + text_len };
	const char *line;
	size_t len;

	if (!next_line(&l, &line, &len) || !parse_head(line, len, out) ||
		!next_line(&l, &line, &len) || !line_is(line, len, REGISTRY_LINE_DEVICES))
		return false;
	registry_finish_lists(out);
	size_t devices = count_until(l, REGISTRY_LINE_BETWEEN);
	if (devices > REGISTRY_ENTRIES_MAX)
		return false;
	out->devices = calloc(devices + 1, sizeof(*out->devices));
	if (!out->devices || !each_line(&l, devices, out, true))
		return false;
	size_t invitations = count_until(l, REGISTRY_LINE_LAST);
	if (invitations > REGISTRY_INVITATIONS_MAX)
		return false;
	out->invitations = calloc(invitations + 1, sizeof(*out->invitations));
	return out->invitations && each_line(&l, invitations, out, false) && l.at == l.end;
}

int registry_parse(const char *text, size_t len, struct registry *out)
{
	if (parse_lines(text, len, out))
		return 0;
	registry_finish(out);
	return parse_any(text, len, out);
}

int registry_parse_number(const char *text, size_t len, int64_t *number)
{
	struct lines l = { text, text + len };
	struct registry head = { 0 };
	const char *line;
	size_t line_len;

	bool good = next_line(&l, &line, &line_len) && parse_head(line, line_len, &head);
	if (good)
		*number = head.number;
	registry_finish(&head);
	return good ? 0 : -EINVAL;
}
