#include "tests/unit/link/link_rig.h"

#include "tests/unit/cmocka_first.h"

#include "common/crypto/random.h"

#include <stdio.h>
#include <stdlib.h>

static struct rig_programs programs;
static struct rig_identity identity;

int link_rig_begin(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: %s FARSEAT-WORKER FARSEAT-LINK\n", argv[0]);
		return 2;
	}
	programs.worker = argv[1];
	programs.link = argv[2];
	if (argc > 3)
		cmocka_set_test_filter(argv[3]);
	if (crypto_init() < 0)
		return 1;
	rig_identity_create(&identity);
	return 0;
}

void link_rig_end(void)
{
	rig_identity_destroy(&identity);
	crypto_finish();
}

const struct rig_identity *link_rig_identity(void)
{
	return &identity;
}

struct rig *link_rig_new(void)
{
	struct rig *r = malloc(sizeof(*r));

	assert_non_null(r);
	rig_init(r, &programs, &identity, LINK_RIG_WIDTH_PX, LINK_RIG_HEIGHT_PX);
	return r;
}

struct rig *link_rig_open(bool relayed)
{
	struct rig *r = link_rig_new();

	rig_start(r, relayed);
	if (!rig_run(r, rig_is_open, LINK_RIG_SOON_MS))
		fail_msg("not open: %s / %s", r->failed.reason, r->ended.reason);
	return r;
}

void link_rig_close(struct rig *r)
{
	rig_finish(r);
	free(r);
}
