/* For fish: one 'complete' for each word, with a condition that says where the cursor stands. */
#include "common/cli/completion.h"

#include <stdio.h>
#include <string.h>

static void print_value(const struct completion_value *v, const char *program)
{
	switch (v->kind) {
	case COMPLETION_WORDS:
		printf(" -x -a '%s'", v->text);
		break;
	case COMPLETION_FILES:
		fputs(" -r -F", stdout);
		break;
	case COMPLETION_FOLDERS:
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
		break;
	case COMPLETION_COMMANDS:
		fputs(" -x -a '(__fish_complete_command)'", stdout);
		break;
	case COMPLETION_NAMES:
		printf(" -x -a '(__%s_list %s)'", program, v->text);
		break;
	case COMPLETION_NOTHING:
		fputs(" -x", stdout);
		break;
	}
}

/* fish's single quotes know \' and \\. */
static void print_help(const char *help)
{
	fputs(" -d '", stdout);
	for (; *help; help++) {
		if (strchr("'\\", *help))
			putchar('\\');
		putchar(*help);
	}
	puts("'");
}

static void print_options(const struct program_spec *p, const struct command_spec *command,
	const struct option_spec *list)
{
	for (; list && list->name; list++) {
		printf("complete -c %s", p->name);
		if (command)
			printf(" -n '__%s_at %s'", p->name, command->name);
		if (list->letter)
			printf(" -s %c", list->letter);
		printf(" -l %s", list->name);
		if (list->value) {
			const struct completion_value v = completion_value_of(list->value);
			print_value(&v, p->name);
		}
		print_help(list->help);
	}
}

static void print_arguments(
	const struct program_spec *p, const struct command_spec *command, const char *at, int count)
{
	struct completion_value v;

	for (int i = 0; i < count && completion_argument(p, command, i, &v); i++) {
		if (v.kind == COMPLETION_NOTHING)
			continue;
		printf("complete -c %s -n '__%s_at %s", p->name, p->name, at);
		if (!v.repeats)
			printf(" %d", i);
		putchar('\'');
		print_value(&v, p->name);
		putchar('\n');
	}
}

static void print_at(const struct program_spec *p)
{
	printf("function __%s_at # COMMAND [POSITION]: whether the cursor stands in it, at that argument\n"
	       "\tset -l command ''\n"
	       "\tset -l at 0\n"
	       "\tset -l value no\n"
	       "\tset -l words (commandline -opc)\n"
	       "\tfor word in $words[2..-1]\n"
	       "\t\tif test $value = yes\n"
	       "\t\t\tset value no\n"
	       "\t\t\tcontinue\n"
	       "\t\tend\n"
	       "\t\tswitch \"$command $word\"\n"
	       "\t\t\tcase ",
		p->name);
	if (completion_value_patterns(p, " ") == 0)
		fputs("''", stdout);
	puts("\n\t\t\t\tset value yes\n"
	     "\t\t\tcase '* -*'");
	if (p->commands) {
		fputs("\t\t\tcase", stdout);
		for (const struct command_spec *c = p->commands; c->name; c++)
			if (!c->hidden)
				printf(" ' %s'", c->name);
		puts("\n\t\t\t\tset command $word\n"
		     "\t\t\tcase ' *'");
		printf("\t\t\t\tset command %s\n\t\t\t\tset at 1\n",
			p->fallback ? p->fallback : "unknown");
	}
	puts("\t\t\tcase '*'\n"
	     "\t\t\t\tset at (math $at + 1)\n"
	     "\t\tend\n"
	     "\tend\n"
	     "\ttest \"$command\" = \"$argv[1]\"; or return 1\n"
	     "\ttest -z \"$argv[2]\"; or test \"$argv[2]\" = $at\n"
	     "end\n");
}

void completion_fish(const struct program_spec *p)
{
	const struct command_spec *fallback = completion_fallback(p);

	printf("# Completion of %s for fish; made from its tables by '%s --completion fish'.\n\n",
		p->name, p->name);
	if (p->names)
		printf("function __%s_list # the first column of a list, without its heading\n"
		       "\t%s $argv[1] 2>/dev/null | string match -v -r '^NAME\\s' | string replace -r '\\s.*' ''\n"
		       "end\n\n",
			p->name, p->name);
	print_at(p);
	printf("complete -c %s -f\n", p->name);
	print_options(p, NULL, options_standard);
	print_options(p, NULL, p->options);
	if (!p->commands)
		print_arguments(p, NULL, "\"\"", OPTIONS_ARGUMENTS_MAX);
	for (const struct command_spec *c = p->commands; c && c->name; c++) {
		if (c->hidden)
			continue;
		printf("complete -c %s -n '__%s_at \"\" 0' -a %s", p->name, p->name, c->name);
		print_help(c->help);
	}
	if (fallback)
		print_arguments(p, fallback, "\"\"", 1);
	for (const struct command_spec *c = p->commands; c && c->name; c++) {
		if (c->hidden)
			continue;
		print_options(p, c, c->options);
		print_arguments(p, c, c->name, OPTIONS_ARGUMENTS_MAX);
	}
}
