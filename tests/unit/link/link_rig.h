/*
 * farseat-worker and farseat-link, the real programs in their real confinement, against each other:
 * the test is supervisor and agent of the one, UI of the other, and where needed the wire between
 * them. What the tests of that share.
 */
#pragma once

#include "tests/support/rig/rig.h"

#define LINK_RIG_WIDTH_PX  640
#define LINK_RIG_HEIGHT_PX 480
#define LINK_RIG_SOON_MS   10000 /* on a loaded machine too */

/* Takes the programs' paths, and a test's name as cmocka filters by it. 0, or what main returns. */
int link_rig_begin(int argc, char **argv);
void link_rig_end(void);

const struct rig_identity *link_rig_identity(void);

/* Nothing is started yet; link_rig_close frees it. */
struct rig *link_rig_new(void);
/* With an open session. relayed: the test stands in between. */
struct rig *link_rig_open(bool relayed);
void link_rig_close(struct rig *r);
