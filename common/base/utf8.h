/* UTF-8 (RFC 3629), read strictly: nothing overlong, no surrogates, nothing above U+10FFFF. */
#pragma once

#include "common/base/macros.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the character that begins at text, which has left bytes (1 or more). Returns its length, 1
 * to 4, with its code point in *code; 0 when no character begins there, or only a part of one
 * stands there.
 */
size_t utf8_decode(const void *text, size_t left, uint32_t *code);

/*
 * Whether a character has no shape of its own and changes how others look: it turns the direction of
 * writing, breaks a line, or is not seen at all. U+200C and U+200D are not among them, since scripts
 * and emoji need them.
 */
bool utf8_is_format(uint32_t code);

/*
 * The next character of a string that ends with NUL; *at moves behind it. Returns 0 at the end and
 * at malformed bytes; *at then stays.
 */
uint32_t utf8_next(const char **at);

/* How many bytes are left of len bytes of text without its last character. 0 for 0. */
size_t utf8_without_last(const char *text, size_t len);
