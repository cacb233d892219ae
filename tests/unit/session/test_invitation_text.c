/* Invitations as mails, chats and clipboards bring them. */
#include "tests/unit/cmocka_first.h"

#include "client/session/invitation_text.h"

#include <errno.h>
#include <string.h>

#define PLAIN "farseat://office.example.org:7420/abcd#1.secret.check"

static void test_what_stands_around_it(void **state)
{
	static const char *const given[] = { PLAIN, " " PLAIN "\n", "<" PLAIN ">", "\"" PLAIN "\"",
		"'" PLAIN "'\r\n", "< " PLAIN " >,", "(" PLAIN ")",
		"farseat://office.example.org:7420/\n  abcd#1.se\r\ncret.\tcheck\n\n",
		"\xef\xbb\xbf" PLAIN "\xc2\xa0",
		/* A zero-width space; in two pieces, since an escape would take the "e" behind it. */
		("farseat://office.\xe2\x80\x8b"
		 "example.org:7420/abcd#1.secret.check") };
	char out[INVITATION_TEXT_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		assert_int_equal(invitation_text_clean(given[i], out), 0);
		assert_string_equal(out, PLAIN);
	}
	assert_int_equal(invitation_text_clean("ssh://me@[::1]:22", out), 0);
	assert_string_equal(out, "ssh://me@[::1]:22");
}

static void test_nothing_and_too_much(void **state)
{
	static const char *const nothing[] = { "", " \r\n\t", "<>", "< \"' >" };
	static char longest[INVITATION_TEXT_MAX_BYTES + 8];
	char out[INVITATION_TEXT_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		assert_int_equal(invitation_text_clean(nothing[i], out), -EINVAL);
		assert_string_equal(out, "");
	}
	memset(longest, 'a', INVITATION_TEXT_MAX_BYTES);
	assert_int_equal(invitation_text_clean(longest, out), -EINVAL);
	longest[INVITATION_TEXT_MAX_BYTES - 1] = '\n'; /* a line end takes no room */
	assert_int_equal(invitation_text_clean(longest, out), 0);
	assert_int_equal(strlen(out), INVITATION_TEXT_MAX_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_stands_around_it),
		cmocka_unit_test(test_nothing_and_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
