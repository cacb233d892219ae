/* An invitation's text comes back as it went, and nothing that was changed or cut is taken. */
#include "cmocka_all.h"

#include "common/crypto/invitation.h"

#include <errno.h>
#include <string.h>

static struct invitation sample(const char *host, uint16_t port)
{
	struct invitation in = { .port = port, .server_id = "office-7", .expires_s = 1893456000 };
	strcpy(in.host, host);
	for (unsigned i = 0; i < 32; i++) {
		in.scalar[i] = (uint8_t)(i + 1);
		in.ca_key_hash[i] = (uint8_t)(255 - i);
	}
	return in;
}

static void comes_back(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		uint16_t port;
		const char *start;
	} cases[] = {
		{ "desk.example.org", 7420, "farseat://desk.example.org/office-7#v1." },
		{ "192.0.2.7", 443, "farseat://192.0.2.7:443/office-7#v1." },
		{ "2001:db8::7", 7420, "farseat://[2001:db8::7]/office-7#v1." },
		{ "2001:db8::7", 1, "farseat://[2001:db8::7]:1/office-7#v1." },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct invitation in = sample(cases[i].host, cases[i].port), out;
		char text[INVITATION_TEXT_MAX_BYTES];
		const char *why = "unset";
		assert_int_equal(invitation_format(&in, text), 0);
		assert_memory_equal(text, cases[i].start, strlen(cases[i].start));
		assert_int_equal(invitation_parse(text, &out, &why), 0);
		assert_null(why);
		assert_string_equal(out.host, in.host);
		assert_int_equal(out.port, in.port);
		assert_string_equal(out.server_id, in.server_id);
		assert_memory_equal(out.scalar, in.scalar, 32);
		assert_memory_equal(out.ca_key_hash, in.ca_key_hash, 32);
		assert_int_equal(out.expires_s, in.expires_s);
		invitation_wipe(&out);
		assert_int_equal(out.scalar[5], 0);
	}
}

static void every_change_is_found(void **state)
{
	(void)state;
	struct invitation in = sample("desk.example.org", 7420), out;
	char text[INVITATION_TEXT_MAX_BYTES];
	assert_int_equal(invitation_format(&in, text), 0);
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		const char *why = NULL;
		char kept = text[i];
		for (unsigned bit = 0; bit < 7; bit++) {
			text[i] = (char)(kept ^ (1 << bit));
			assert_int_equal(invitation_parse(text, &out, &why), -EINVAL);
			assert_non_null(why);
		}
		text[i] = '\0';
		assert_int_equal(invitation_parse(text, &out, &why), -EINVAL);
		text[i] = kept;
	}
	strcat(text, "A");
	assert_int_equal(invitation_parse(text, &out, NULL), -EINVAL);
}

static void unusable_fields_are_not_formatted(void **state)
{
	(void)state;
	static const char *const hosts[] = { "", "a b", "a/b", "a#b", "-x", "1:2", "::1]",
		"fe80::1%e/0", "h:1" };
	static const char *const ids[] = { "", "A", "a.b", "a/b", "-a", "a-", "a b" };
	char text[INVITATION_TEXT_MAX_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct invitation in = sample(hosts[i], 7420);
		assert_int_equal(invitation_format(&in, text), -EINVAL);
	}
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct invitation in = sample("h", 7420);
		strcpy(in.server_id, ids[i]);
		assert_int_equal(invitation_format(&in, text), -EINVAL);
	}
	struct invitation in = sample("h", 0);
	assert_int_equal(invitation_format(&in, text), -EINVAL);
	in = sample("h", 1);
	in.expires_s = -1;
	assert_int_equal(invitation_format(&in, text), -EINVAL);
}

static void other_texts_are_refused_with_words(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "farseat://", "http://a/b#v1.x", "farseat://a/b",
		"farseat://a#v1.b/c", "farseat://a/b#v2.AAAA.AAAA", "farseat://a/b#v1.AAAA",
		"farseat://a/b#v1..", "farseat:///#v1.." };
	struct invitation out;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *why = NULL;
		assert_int_equal(invitation_parse(texts[i], &out, &why), -EINVAL);
		assert_non_null(why);
	}
	char long_text[2 * INVITATION_TEXT_MAX_BYTES];
	memset(long_text, 'a', sizeof(long_text));
	assert_int_equal(invitation_parse(long_text, &out, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(every_change_is_found),
		cmocka_unit_test(unusable_fields_are_not_formatted),
		cmocka_unit_test(other_texts_are_refused_with_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
