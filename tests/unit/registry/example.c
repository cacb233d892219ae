#include "tests/unit/registry/example.h"

#include "tests/unit/cmocka_first.h"

#include "common/wire/messages.h"

#include <stdio.h>
#include <string.h>

#define LATER_S INT64_C(4000000000)

struct registry example_registry(void)
{
	return (struct registry){ .server_id = "ws-1", .workstation = "office" };
}

struct registry_device example_device(const char *name, uint8_t mark)
{
	struct registry_device d = { .caps = WIRE_CAPS_CONTROL };

	snprintf(d.name, sizeof(d.name), "%s", name);
	snprintf(d.label, sizeof(d.label), "Tom\xc3\xa9's \"laptop\"");
	assert_int_equal(registry_new_id(d.id), 0);
	memset(d.key.fingerprint, mark, sizeof(d.key.fingerprint));
	memset(d.key.public_key, mark, 91);
	d.key.public_key_len = 91;
	d.key.serial_len = 16;
	d.key.serial[0] = mark;
	d.key.issued_s = 1000;
	d.key.expires_s = LATER_S;
	return d;
}

struct registry_invitation example_invitation(const char *name, uint8_t mark, int64_t created_s)
{
	struct registry_invitation i = {
		.caps = WIRE_CAPS_VIEW, .created_s = created_s, .expires_s = created_s + 100
	};

	snprintf(i.name, sizeof(i.name), "%s", name);
	memset(i.fingerprint, mark, sizeof(i.fingerprint));
	memset(i.cert.bytes, mark, 300);
	i.cert.len = 300;
	return i;
}

int example_load(struct registry *r)
{
	char error[REGISTRY_ERROR_MAX_BYTES] = "";
	int result = registry_load(r, error);

	assert_true((result < 0) == (error[0] != '\0'));
	return result;
}

void example_add(struct registry *r, const char *name, uint8_t mark)
{
	struct registry_device d = example_device(name, mark);

	assert_int_equal(registry_add_device(r, &d), 0);
}

void example_write(const char *text, size_t len)
{
	char path[PATH_MAX];

	assert_int_equal(registry_path(path), 0);
	FILE *f = fopen(path, "we"); /* unsynced: there are many */
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}
