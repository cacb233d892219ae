/* The registry: who is found, and what is bounded. */
#include "tests/unit/cmocka_first.h"

#include "common/crypto/random.h"
#include "common/wire/messages.h"
#include "tests/unit/registry/example.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void revoked_ones_leave_room(void **state)
{
	struct registry r = example_registry();

	(void)state;
	r.devices = calloc(REGISTRY_DEVICES_MAX, sizeof(*r.devices));
	r.device_count = REGISTRY_DEVICES_MAX;
	assert_non_null(r.devices);
	assert_false(registry_has_room(&r));
	r.devices[7].revoked = true;
	assert_true(registry_has_room(&r));
	struct registry_device d = example_device("tom", 1);
	assert_int_equal(registry_add_device(&r, &d), 0);
	assert_int_equal(registry_add_device(&r, &d), -E2BIG);
	registry_finish(&r);
}

/* ---- who is found ---- */

static void names_are_unique_among_the_active(void **state)
{
	struct registry r = example_registry();
	struct registry_device again = example_device("tom", 2);

	(void)state;
	example_add(&r, "tom", 1);
	assert_int_equal(registry_add_device(&r, &again), -EEXIST);
	r.devices[0].revoked = true;
	assert_null(registry_find_name(&r, "tom"));
	assert_int_equal(registry_add_device(&r, &again), 0);
	assert_ptr_equal(registry_find_name(&r, "tom"), &r.devices[1]);
	assert_null(registry_find_name(&r, "to"));
	registry_finish(&r);
}

static void a_certificate_is_found_while_its_device_is_active(void **state)
{
	struct registry r = example_registry();
	const struct registry_key *key = NULL;
	uint8_t first[32], second[32], zeros[32] = { 0 };

	(void)state;
	memset(first, 1, sizeof(first));
	memset(second, 2, sizeof(second));
	example_add(&r, "tom", 1);
	assert_ptr_equal(registry_find_fingerprint(&r, first, &key), &r.devices[0]);
	assert_ptr_equal(key, &r.devices[0].key);
	assert_null(registry_find_fingerprint(&r, second, &key));
	/* There is no previous certificate; its zeros are nobody's. */
	assert_null(registry_find_fingerprint(&r, zeros, &key));

	r.devices[0].previous = r.devices[0].key;
	memset(r.devices[0].key.fingerprint, 2, 32);
	assert_ptr_equal(registry_find_fingerprint(&r, second, &key), &r.devices[0]);
	assert_ptr_equal(registry_find_fingerprint(&r, first, &key), &r.devices[0]);
	assert_ptr_equal(key, &r.devices[0].previous);

	r.devices[0].revoked = true;
	assert_null(registry_find_fingerprint(&r, first, &key));
	assert_null(registry_find_fingerprint(&r, second, &key));
	assert_ptr_equal(registry_find_any(&r, first), &r.devices[0]);
	registry_finish(&r);
}

/* ---- invitations ---- */

static void an_invitation_waits_until_it_ends(void **state)
{
	struct registry_invitation i = example_invitation("eve", 1, 1000);

	(void)state;
	assert_true(registry_invitation_pending(&i, 1000));
	assert_true(registry_invitation_pending(&i, 1099));
	assert_false(registry_invitation_pending(&i, 1100));
	i.state = REGISTRY_SPENT;
	assert_false(registry_invitation_pending(&i, 1000));
	i.state = REGISTRY_WITHDRAWN;
	assert_false(registry_invitation_pending(&i, 1000));
}

static void pending_ones_are_bounded(void **state)
{
	struct registry r = example_registry();

	(void)state;
	for (int k = 0; k < REGISTRY_PENDING_MAX; k++) {
		struct registry_invitation i = example_invitation("eve", (uint8_t)k, 1000);
		assert_int_equal(registry_add_invitation(&r, &i), 0);
	}
	struct registry_invitation more = example_invitation("eve", 200, 1000);
	assert_int_equal(registry_add_invitation(&r, &more), -E2BIG);
	r.invitations[5].state = REGISTRY_SPENT;
	assert_int_equal(registry_add_invitation(&r, &more), 0);
	more = example_invitation("eve", 201, 2000); /* the others have expired by then */
	assert_int_equal(registry_add_invitation(&r, &more), 0);
	registry_finish(&r);
}

static void the_oldest_ended_one_is_forgotten(void **state)
{
	struct registry r = example_registry();

	(void)state;
	for (int k = 0; k < REGISTRY_INVITATIONS_MAX + 20; k++) {
		struct registry_invitation i =
			example_invitation("eve", (uint8_t)k, 1000 + k * 200);
		assert_int_equal(registry_add_invitation(&r, &i), 0);
	}
	assert_int_equal(r.invitation_count, REGISTRY_INVITATIONS_MAX);
	assert_int_equal(r.invitations[0].created_s, 1000 + 20 * 200);
	registry_finish(&r);
}

/* ---- words ---- */

static void names_are_checked(void **state)
{
	static const char *const good[] = { "a", "tom", "Tom-2.home_office", "0",
		"a23456789012345678901234567890123456789012345678901234567890123" };
	static const char *const bad[] = { "", "-a", ".a", "a b", "a/b", "..", "a\n", "\xc3\xa9",
		"a:b", "a\"b", "a23456789012345678901234567890123456789012345678901234567890124x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(registry_name_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(registry_name_valid(bad[i]));
}

static void roles_are_presets(void **state)
{
	uint32_t caps = 0;

	(void)state;
	assert_int_equal(registry_role_caps("control", &caps), 0);
	assert_string_equal(registry_role_name(caps), "control");
	assert_int_equal(registry_role_caps("view", &caps), 0);
	assert_string_equal(registry_role_name(caps), "view");
	assert_false(caps & WIRE_CAP_INPUT);
	assert_string_equal(registry_role_name(caps | WIRE_CAP_INPUT), "custom");
	assert_int_equal(registry_role_caps("root", &caps), -EINVAL);
	assert_int_equal(registry_role_caps("", &caps), -EINVAL);
}

#define DAY INT64_C(86400)

static void a_certificate_is_renewed_late_and_seldom(void **state)
{
	struct registry_device d = { .key = { .issued_s = 0, .expires_s = 90 * DAY } };

	(void)state;
	assert_false(registry_renewal_due(&d, &d.key, 0));
	assert_false(registry_renewal_due(&d, &d.key, 59 * DAY - 1));
	assert_true(registry_renewal_due(&d, &d.key, 59 * DAY));
	assert_true(registry_renewal_due(&d, &d.key, 90 * DAY));
	/* The answer was lost: with the old one again. */
	d.previous = d.key;
	d.key = (struct registry_key){ .issued_s = 60 * DAY, .expires_s = 150 * DAY };
	assert_false(registry_renewal_due(&d, &d.previous, 60 * DAY));
	assert_false(registry_renewal_due(&d, &d.previous, 61 * DAY - 1));
	assert_true(registry_renewal_due(&d, &d.previous, 61 * DAY));
	d.key.issued_s = 90 * DAY - 7200; /* no day is left to wait */
	assert_false(registry_renewal_due(&d, &d.previous, 90 * DAY - 3601));
	assert_true(registry_renewal_due(&d, &d.previous, 90 * DAY - 3600));
	assert_false(registry_renewal_due(&d, &d.key, 90 * DAY));
}

static void ids_are_uuids_and_differ(void **state)
{
	char a[REGISTRY_ID_MAX_BYTES], b[REGISTRY_ID_MAX_BYTES];

	(void)state;
	assert_int_equal(registry_new_id(a), 0);
	assert_int_equal(registry_new_id(b), 0);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revoked_ones_leave_room),
		cmocka_unit_test(names_are_unique_among_the_active),
		cmocka_unit_test(a_certificate_is_found_while_its_device_is_active),
		cmocka_unit_test(an_invitation_waits_until_it_ends),
		cmocka_unit_test(pending_ones_are_bounded),
		cmocka_unit_test(the_oldest_ended_one_is_forgotten),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(roles_are_presets),
		cmocka_unit_test(a_certificate_is_renewed_late_and_seldom),
		cmocka_unit_test(ids_are_uuids_and_differ),
	};

	if (crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
