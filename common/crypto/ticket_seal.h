/*
 * What is sealed in a ticket, and opened again (ARCHITECTURE.md, D-TICKETS): AES-256-GCM. The bytes
 * themselves mean nothing here.
 *
 *	key id 16, nonce 12, sealed bytes, tag 16
 */
#pragma once

#include "common/base/macros.h"

#include <stddef.h>
#include <stdint.h>

#define TICKET_KEY_BYTES   48                 /* key id 16, AES-256-GCM key 32 */
#define TICKET_CLEAR_BYTES 28                 /* in front of what is sealed */
#define TICKET_NAME_BYTES  TICKET_CLEAR_BYTES /* no other ticket has the same */
#define TICKET_TAG_BYTES   16                 /* behind it */
#define TICKET_MORE_BYTES  (TICKET_CLEAR_BYTES + TICKET_TAG_BYTES)

/* plain: borrowed; out: plain_len + TICKET_MORE_BYTES. A key of zeros seals nothing: -ENOENT. -EIO. */
int ticket_seal(const uint8_t key[static TICKET_KEY_BYTES], const uint8_t *plain, size_t plain_len,
	uint8_t *out) MUST_CHECK;

/*
 * By the key of the two that sealed it. out: len bytes, of which *plain_len are written. -ENOENT: by
 * none of them; -EBADMSG: it was changed, or is too short.
 */
int ticket_open(const uint8_t keys[static 2][TICKET_KEY_BYTES], const uint8_t *ticket, size_t len,
	uint8_t *out, size_t *plain_len) MUST_CHECK;
