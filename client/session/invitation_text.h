/* An invitation as it comes out of mails, chats and clipboards. farseat. */
#pragma once

#include "common/crypto/invitation.h"

#include <stddef.h>

/* Of what may be given: an invitation, and what was put into it and around it. */
#define INVITATION_TEXT_RAW_MAX_BYTES ((size_t)4 * INVITATION_TEXT_MAX_BYTES)

/*
 * Copies text to out without line breaks, blanks and control characters anywhere in it, and without
 * the brackets and quotation marks around it. The text need not be an invitation: ssh://USER@HOST is
 * treated alike. -EINVAL: nothing is left, or more than an invitation can have; out is "" then.
 */
int invitation_text_clean(const char *text, char out[static INVITATION_TEXT_MAX_BYTES]) MUST_CHECK;
