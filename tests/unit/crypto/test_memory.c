/* Without memory a connection's process ends, before mbedTLS can go on with half of what it needs.
 */
#include "cmocka_all.h"

#include "common/crypto/key.h"
#include "common/crypto/random.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Leaves nothing: no more address space, and what malloc has of it is taken. */
static void take_all_memory(void)
{
	const struct rlimit none = { 0, 0 };
	void *volatile taken; /* a compiler may leave out what nobody looks at */

	if (setrlimit(RLIMIT_AS, &none) < 0)
		_exit(2);
	for (size_t size = 1 << 20; size >= 8; size /= 2)
		do
			taken = malloc(size);
		while (taken);
}

static void without_memory_it_ends(void **state)
{
	(void)state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };
		struct crypto_key *key = NULL;
		if (setrlimit(RLIMIT_CORE, &no_core) < 0)
			_exit(2);
		take_all_memory();
		_exit(crypto_key_generate(&key) < 0 ? 3 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void with_memory_it_works(void **state)
{
	(void)state;
	struct crypto_key *key = NULL;
	char *zeros = calloc(100, 1);

	for (int i = 0; i < 100; i++)
		assert_int_equal(zeros[i], 0);
	free(zeros);
	assert_int_equal(crypto_key_generate(&key), 0);
	crypto_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_memory_it_works),
		cmocka_unit_test(without_memory_it_ends),
	};

	if (crypto_init() < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_finish();
	return failed;
}
