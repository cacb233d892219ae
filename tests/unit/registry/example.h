/* A registry with what a test wants in it, in the present home (home.h). */
#pragma once

#include "server/registry/registry.h"

/* Empty, of the workstation "office". */
struct registry example_registry(void);
/* mark: its fingerprint's and public key's bytes, and its serial's first. */
struct registry_device example_device(const char *name, uint8_t mark);
/* Ends 100 s after created_s. */
struct registry_invitation example_invitation(const char *name, uint8_t mark, int64_t created_s);
void example_add(struct registry *r, const char *name, uint8_t mark);

/* registry_load, whose error is told where there is one. */
int example_load(struct registry *r);
/* The registry's file, as it is given here. */
void example_write(const char *text, size_t len);
