/* How the reverse tunnel stands, for farseatctl status. */
#pragma once

#include <jansson.h>

/* What farseatd says of it, on standard output. */
void tunnel_print(const json_t *tunnel);
