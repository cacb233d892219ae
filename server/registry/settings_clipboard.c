#include "server/registry/settings_clipboard.h"

#include "common/clipboard/kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOTH (WIRE_CAP_CLIPBOARD_IN | WIRE_CAP_CLIPBOARD_OUT)

const struct settings_clipboard settings_clipboard_default = {
	.caps = BOTH,
	.rules = {
		.kinds = WIRE_CLIPBOARD_KINDS_ALL,
		.max_bytes = CLIPBOARD_KINDS_MAX_BYTES,
	},
};

const char *settings_clipboard_take_directions(void *caps, const char *value)
{
	static const struct {
		const char *name;
		uint32_t caps;
	} names[] = {
		{ "both", BOTH },
		{ "in", WIRE_CAP_CLIPBOARD_IN },
		{ "out", WIRE_CAP_CLIPBOARD_OUT },
		{ "off", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(value, names[i].name) == 0) {
			*(uint32_t *)caps = names[i].caps;
			return NULL;
		}
	return "is not both, in (from laptops), out (to laptops) or off";
}

const char *settings_clipboard_take_kinds(void *kinds, const char *value)
{
	char copy[64], *rest = NULL;
	uint8_t set = 0;

	if (strlen(value) >= sizeof(copy))
		return "is too long";
	memcpy(copy, value, strlen(value) + 1);
	for (const char *one = strtok_r(copy, " ,", &rest); one;
		one = strtok_r(NULL, " ,", &rest)) {
		enum clipboard_kind kind;
		if (!clipboard_kind_of_name(&kind, one) ||
			!(CLIPBOARD_BIT(kind) & CLIPBOARD_WIRE_KINDS))
			return "is not a list of text, html, png and rtf";
		set |= (uint8_t)CLIPBOARD_BIT(kind);
	}
	*(uint8_t *)kinds = set;
	return set ? NULL : "names no kind: directions = off shares nothing";
}

/* "500K", "16M", bytes without a letter. 0: it is no such size, or none up to max. */
static uint32_t size_of(const char *value, uint32_t max)
{
	char *end = NULL;
	size_t digits = strspn(value, "0123456789");
	unsigned long long size = digits > 0 && digits < 12 ? strtoull(value, &end, 10) : 0;

	if (size == 0)
		return 0;
	unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
	if (shift > 0)
		end++;
	return *end == '\0' && size <= max >> shift ? (uint32_t)(size << shift) : 0;
}

const char *settings_clipboard_take_max_text(void *clipboard, const char *value)
{
	struct settings_clipboard *c = clipboard;
	uint32_t size = size_of(value, WIRE_CLIPBOARD_TEXT_MAX_BYTES);

	if (size == 0)
		return "is not a size such as 500K or 16M, which is the most there can be";
	c->rules.max_bytes[WIRE_CLIPBOARD_TEXT] = size;
	c->rules.max_bytes[WIRE_CLIPBOARD_HTML] = size;
	c->rules.max_bytes[WIRE_CLIPBOARD_RTF] = size;
	return NULL;
}

const char *settings_clipboard_take_max_png(void *clipboard, const char *value)
{
	struct settings_clipboard *c = clipboard;
	uint32_t size = size_of(value, WIRE_CLIPBOARD_PNG_MAX_BYTES);

	if (size == 0)
		return "is not a size such as 500K or 64M, which is the most there can be";
	c->rules.max_bytes[WIRE_CLIPBOARD_PNG] = size;
	return NULL;
}
