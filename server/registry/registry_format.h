/*
 * The registry as text: JSON, because people read it and other tools may, with one device or
 * invitation on a line, because ten thousand of them must be read and written quickly. Lines as we
 * write them are scanned directly; every other way to write the same JSON is read by jansson.
 * Internal to this folder.
 */
#pragma once

#include "common/base/buffer.h"
#include "server/registry/registry.h"

/* The whole file. -ENOMEM; -EINVAL when a text in it is not UTF-8. */
int registry_format(struct buffer *b, const struct registry *r) MUST_CHECK;

/*
 * Fills *out (zeroed) with server, devices and invitations. -EINVAL when anything is missing or out
 * of its range, -EBADMSG when it is not JSON at all, -ENOMEM; what was read is in *out in any case,
 * for registry_finish.
 */
int registry_parse(const char *text, size_t len, struct registry *out) MUST_CHECK;

/* The number in a file of ours, from its first line alone. -EINVAL: it is not one of ours. */
int registry_parse_number(const char *text, size_t len, int64_t *number) MUST_CHECK;

/* One device or invitation as a line's JSON object, without the line's end. Errors as above. */
int registry_format_device(struct buffer *b, const struct registry_device *d) MUST_CHECK;
int registry_format_invitation(struct buffer *b, const struct registry_invitation *i) MUST_CHECK;
bool registry_parse_device(const char *text, size_t len, struct registry_device *out);
bool registry_parse_invitation(const char *text, size_t len, struct registry_invitation *out);
