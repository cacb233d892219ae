/* What farseat-paste knows of the other end's files: names, paths, and what it does not believe. */
#include "tests/unit/cmocka_first.h"

#include "client/paste/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct paste_tree tree;

static int begin(void **state)
{
	(void)state;
	return paste_tree_init(&tree);
}

static int end(void **state)
{
	(void)state;
	paste_tree_finish(&tree);
	return 0;
}

static int add(uint32_t parent, enum wire_file_kind kind, const char *name, const char *target)
{
	const struct lending_entry e = { .kind = (uint8_t)kind,
		.name = (const uint8_t *)name,
		.name_len = strlen(name),
		.target = (const uint8_t *)target,
		.target_len = strlen(target) };

	return paste_tree_add(&tree, parent, &e);
}

static void names_are_found(void **state)
{
	char path[WIRE_FILE_PATH_MAX_BYTES + 1], name[32];

	(void)state;
	assert_int_equal(add(PASTE_ROOT, WIRE_FILE_FOLDER, "folder", ""), 0);
	uint32_t folder = paste_tree_find(&tree, PASTE_ROOT, "folder", 6);
	assert_int_equal(folder, PASTE_ROOT + 1);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "file %d", i);
		assert_int_equal(add(folder, WIRE_FILE_REGULAR, name, ""), 0);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "file %d", i);
		uint32_t found = paste_tree_find(&tree, folder, name, strlen(name));
		assert_int_equal(found, folder + 1 + (uint32_t)i);
		assert_int_equal(paste_tree_node(&tree, found)->place, i);
		assert_int_equal(paste_tree_find(&tree, PASTE_ROOT, name, strlen(name)), 0);
	}
	assert_int_equal(paste_tree_path(&tree, folder + 1, path), 0);
	assert_string_equal(path, "folder/file 0");
	assert_int_equal(paste_tree_path(&tree, PASTE_ROOT, path), 0);
	assert_string_equal(path, "");
	assert_null(paste_tree_node(&tree, 0));
	assert_null(paste_tree_node(&tree, folder + 5001));
}

static void lies_are_not_believed(void **state)
{
	(void)state;
	assert_int_equal(add(PASTE_ROOT, WIRE_FILE_FOLDER, "f", ""), 0);
	assert_int_equal(add(PASTE_ROOT, WIRE_FILE_REGULAR, "f", ""), -EPROTO);
	uint32_t f = paste_tree_find(&tree, PASTE_ROOT, "f", 1);
	assert_int_equal(add(f, WIRE_FILE_LINK, "in", "other"), 0);
	assert_int_equal(add(f, WIRE_FILE_LINK, "out", "/etc/passwd"), -EPROTO);
	assert_int_equal(add(f, WIRE_FILE_LINK, "up", "../../x"), -EPROTO);
	assert_int_equal(add(PASTE_ROOT, WIRE_FILE_LINK, "top", "../f"), -EPROTO);
	assert_int_equal(paste_tree_find(&tree, f, "out", 3), 0);
}

static void depth_ends(void **state)
{
	uint32_t at = PASTE_ROOT;
	int depth = 0, r;

	(void)state;
	while ((r = add(at, WIRE_FILE_FOLDER, "d", "")) == 0) {
		at = paste_tree_find(&tree, at, "d", 1);
		depth++;
	}
	assert_int_equal(r, -ENAMETOOLONG);
	assert_int_equal(depth, WIRE_FILE_DEPTH_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_found, begin, end),
		cmocka_unit_test_setup_teardown(lies_are_not_believed, begin, end),
		cmocka_unit_test_setup_teardown(depth_ends, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
