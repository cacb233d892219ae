/* What the system says of itself and of the user who runs us. One file a system (D-PORTABLE). */
#pragma once

#include "common/base/macros.h"

#define MACHINE_HOST_BYTES 64

/* The home folder and the name of that user by the system's list of users, whatever HOME and USER
 * say: as ssh takes them. "/" and "root" where it has none. Valid until the next call. */
const char *machine_home(void);
const char *machine_user(void);
unsigned machine_user_id(void);

/* The home folder of another user, or NULL where the system knows none of that name. Valid until
 * the next call of these functions. */
const char *machine_home_of(const char *user);

/* What this machine is called; -errno. */
int machine_host(char out[static MACHINE_HOST_BYTES]) MUST_CHECK;

/* Random bytes of the kernel's, for seeds. -errno; then out is worth nothing. */
int machine_random(void *out, size_t len) MUST_CHECK;
