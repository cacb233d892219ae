#include "client/session/invitation_text.h"

#include <errno.h>
#include <string.h>

/* What people and programs put around an address: <...>, "...", '...', `...`, (...). */
#define BEFORE "<\"'`("
#define AFTER  ">\"'`),"

/* Bytes of a blank at p: ASCII blanks and control characters, and the no-break and zero-width spaces
 * that web pages and mail programs put in (U+00A0, U+200B to U+200D, U+2060, U+FEFF). */
static size_t blank_len(const char *p)
{
	static const char *const wide[] = { "\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\x8c",
		"\xe2\x80\x8d", "\xe2\x81\xa0", "\xef\xbb\xbf" };

	if ((unsigned char)*p <= ' ' || *p == 0x7f)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (strncmp(p, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

int invitation_text_clean(const char *text, char out[static INVITATION_TEXT_MAX_BYTES])
{
	size_t len = 0;

	while (*text) {
		size_t blank = blank_len(text);
		text += blank;
		if (blank > 0 || (len == 0 && strchr(BEFORE, *text))) {
			text += blank == 0;
			continue;
		}
		if (len == INVITATION_TEXT_MAX_BYTES - 1) {
			secure_wipe(out, len);
			out[0] = '\0';
			return -EINVAL;
		}
		out[len++] = *text++;
	}
	while (len > 0 && strchr(AFTER, out[len - 1]))
		len--;
	out[len] = '\0';
	return len > 0 ? 0 : -EINVAL;
}
