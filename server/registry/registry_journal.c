#include "server/registry/registry_journal.h"

#include "server/registry/registry_format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line is {"number": N, "device": {...}}. */
#define LINE_DEVICE     ", \"device\": "
#define LINE_INVITATION ", \"invitation\": "

void registry_stored_destroy(struct registry_stored *stored)
{
	if (!stored)
		return;
	free(stored->devices);
	free(stored->invitations);
	free(stored);
}

static int copy(void **out, const void *from, size_t count, size_t size)
{
	*out = malloc((count + 1) * size);
	if (!*out)
		return -ENOMEM;
	if (count > 0)
		memcpy(*out, from, count * size);
	return 0;
}

int registry_stored_note(struct registry *r, const struct stat *file, size_t journal_bytes)
{
	struct registry_stored *s = calloc(1, sizeof(*s));
	void *devices = NULL, *invitations = NULL;

	registry_stored_destroy(r->stored);
	r->stored = NULL;
	if (!s || copy(&devices, r->devices, r->device_count, sizeof(*r->devices)) < 0 ||
		copy(&invitations, r->invitations, r->invitation_count, sizeof(*r->invitations)) <
			0) {
		free(devices);
		free(s);
		return -ENOMEM;
	}
	*s = (struct registry_stored){
		.file = *file,
		.journal_bytes = journal_bytes,
		.devices = devices,
		.device_count = r->device_count,
		.invitations = invitations,
		.invitation_count = r->invitation_count,
	};
	r->stored = s;
	return 0;
}

/* ---- writing ---- */

static int begin_line(struct buffer *out, int64_t number, const char *kind)
{
	char text[64];
	int n = snprintf(text, sizeof(text), REGISTRY_JOURNAL_BEGIN "%" PRId64 "%s", number, kind);

	return buffer_append(out, text, (size_t)n);
}

static int device_line(struct buffer *out, const struct registry_device *d, int64_t number)
{
	int r = begin_line(out, number, LINE_DEVICE);

	if (r == 0)
		r = registry_format_device(out, d);
	return r < 0 ? r : buffer_append(out, "}\n", 2);
}

static int invitation_line(struct buffer *out, const struct registry_invitation *i, int64_t number)
{
	int r = begin_line(out, number, LINE_INVITATION);

	if (r == 0)
		r = registry_format_invitation(out, i);
	return r < 0 ? r : buffer_append(out, "}\n", 2);
}

/* What differs in padding alone counts as changed: that costs a line, and loses nothing. */
static bool are_same(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

int registry_journal_format(struct buffer *out, const struct registry *r, int64_t number)
{
	const struct registry_stored *s = r->stored;
	size_t changes = 0;
	int result = 0;

	if (r->device_count < s->device_count || r->invitation_count < s->invitation_count)
		return 1;
	for (size_t i = 0; i < r->device_count && result == 0; i++) {
		const struct registry_device *d = &r->devices[i];
		if (i < s->device_count && are_same(d, &s->devices[i], sizeof(*d)))
			continue;
		if ((i < s->device_count && strcmp(d->id, s->devices[i].id) != 0) ||
			++changes > REGISTRY_JOURNAL_CHANGES_MAX)
			return 1;
		result = device_line(out, d, number);
	}
	for (size_t i = 0; i < r->invitation_count && result == 0; i++) {
		const struct registry_invitation *v = &r->invitations[i];
		if (i < s->invitation_count && are_same(v, &s->invitations[i], sizeof(*v)))
			continue;
		if ((i < s->invitation_count &&
			    memcmp(v->fingerprint, s->invitations[i].fingerprint,
				    sizeof(v->fingerprint)) != 0) ||
			++changes > REGISTRY_JOURNAL_CHANGES_MAX)
			return 1;
		result = invitation_line(out, v, number);
	}
	return result;
}

/* ---- reading ---- */

/* Puts one into a list: in the place of the one that it replaces, or at the end. */
static int put(void **list, size_t *count, size_t at, const void *one, size_t size)
{
	if (at == *count) {
		void *grown = reallocarray(*list, *count + 1, size);
		if (!grown)
			return -ENOMEM;
		*list = grown;
		(*count)++;
	}
	memcpy((char *)*list + at * size, one, size);
	return 0;
}

static int put_device(struct registry *r, const struct registry_device *d)
{
	size_t at = 0;
	void *list = r->devices;

	while (at < r->device_count && strcmp(r->devices[at].id, d->id) != 0)
		at++;
	if (at == REGISTRY_ENTRIES_MAX)
		return -EINVAL;
	int result = put(&list, &r->device_count, at, d, sizeof(*d));
	r->devices = list;
	if (result == 0 && r->stored) {
		list = r->stored->devices;
		result = put(&list, &r->stored->device_count, at, d, sizeof(*d));
		r->stored->devices = list;
	}
	return result;
}

static int put_invitation(struct registry *r, const struct registry_invitation *i)
{
	size_t at = 0;
	void *list = r->invitations;

	while (at < r->invitation_count &&
		memcmp(r->invitations[at].fingerprint, i->fingerprint, sizeof(i->fingerprint)) != 0)
		at++;
	if (at == REGISTRY_INVITATIONS_MAX)
		return -EINVAL;
	int result = put(&list, &r->invitation_count, at, i, sizeof(*i));
	r->invitations = list;
	if (result == 0 && r->stored) {
		list = r->stored->invitations;
		result = put(&list, &r->stored->invitation_count, at, i, sizeof(*i));
		r->stored->invitations = list;
	}
	return result;
}

/* "{"number": N" -> N and what comes after it. -EINVAL. */
static int read_number(const char **at, const char *end, int64_t *number)
{
	static const char begin[] = REGISTRY_JOURNAL_BEGIN;
	int64_t value = 0;
	size_t digits = 0;

	if ((size_t)(end - *at) < sizeof(begin) || memcmp(*at, begin, sizeof(begin) - 1) != 0)
		return -EINVAL;
	for (*at += sizeof(begin) - 1; *at < end && **at >= '0' && **at <= '9' && digits < 18;
		(*at)++, digits++)
		value = value * 10 + (**at - '0');
	*number = value;
	return digits > 0 ? 0 : -EINVAL;
}

static bool take(const char **at, const char *end, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

static int apply_line(struct registry *r, const char *at, const char *end)
{
	int64_t number;

	int result = read_number(&at, end, &number);
	if (result < 0 || end - at < 1 || end[-1] != '}')
		return -EINVAL;
	end--;
	if (number < r->number)
		return 0;
	/* Lines of one change share its number. */
	if (number > r->number + 1)
		return 1;
	struct registry_device d;
	struct registry_invitation i;
	if (take(&at, end, LINE_DEVICE))
		result = registry_parse_device(at, (size_t)(end - at), &d) ? put_device(r, &d)
									   : -EINVAL;
	else if (take(&at, end, LINE_INVITATION))
		result = registry_parse_invitation(at, (size_t)(end - at), &i)
				 ? put_invitation(r, &i)
				 : -EINVAL;
	else
		result = -EINVAL;
	if (result == 0)
		r->number = number;
	return result;
}

int registry_journal_apply(struct registry *r, const char *text, size_t len, size_t *used)
{
	const char *at = text, *end = text + len;

	for (*used = 0; at < end; *used = (size_t)(at - text)) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		if (!line_end)
			return 0; /* it is being written, or was when the power went */
		int result = apply_line(r, at, line_end);
		if (result != 0)
			return result;
		at = line_end + 1;
	}
	return 0;
}
