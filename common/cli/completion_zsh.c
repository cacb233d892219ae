/* For zsh: specifications for its _arguments and _describe. */
#include "common/cli/completion.h"

#include <stdio.h>
#include <string.h>

/* What _arguments takes as special within a description, and within a word of a list. */
#define SPECIAL_IN_HELP "[]:\\"
#define SPECIAL_IN_LIST ":\\"

/* ":message:action" of a value, to be put between single quotes. */
static void print_action(const struct completion_value *v, const char *message, const char *program)
{
	putchar(':');
	for (; *message; message++) {
		if (strchr(SPECIAL_IN_HELP, *message))
			putchar('\\');
		putchar(*message);
	}
	putchar(':');
	switch (v->kind) {
	case COMPLETION_WORDS:
		putchar('(');
		for (const char *c = v->text; *c; c++) {
			if (strchr(SPECIAL_IN_LIST, *c))
				putchar('\\');
			putchar(*c);
		}
		putchar(')');
		break;
	case COMPLETION_FILES:
		fputs("_files", stdout);
		break;
	case COMPLETION_FOLDERS:
		fputs("_files -/", stdout);
		break;
	case COMPLETION_COMMANDS:
		fputs("_command_names -e", stdout);
		break;
	case COMPLETION_NAMES:
		printf("_%s_list %s", program, v->text);
		break;
	case COMPLETION_NOTHING:
		putchar(' ');
		break;
	}
}

static void print_options(const struct program_spec *p, const struct option_spec *list)
{
	for (; list && list->name; list++) {
		fputs(" \\\n\t\t", stdout);
		if (list->letter)
			printf("'(-%c --%s)'{-%c%s,--%s%s}", list->letter, list->name, list->letter,
				list->value ? "+" : "", list->name, list->value ? "=" : "");
		else
			printf("'--%s%s'", list->name, list->value ? "=" : "");
		putchar('\'');
		putchar('[');
		for (const char *c = list->help; *c; c++) {
			if (*c == '\'') {
				fputs("'\\''", stdout);
				continue;
			}
			if (strchr(SPECIAL_IN_HELP, *c))
				putchar('\\');
			putchar(*c);
		}
		putchar(']');
		if (list->value) {
			const struct completion_value v = completion_value_of(list->value);
			print_action(&v, list->value, p->name);
		}
		putchar('\'');
	}
}

static void print_arguments(const struct program_spec *p, const struct command_spec *command)
{
	struct completion_value v;

	for (int i = 0; completion_argument(p, command, i, &v); i++) {
		if (v.repeats)
			fputs(" \\\n\t\t'*", stdout);
		else
			printf(" \\\n\t\t'%d", i + 1);
		print_action(&v, "argument", p->name);
		putchar('\'');
	}
}

static void print_all(const struct program_spec *p, const struct command_spec *command)
{
	fputs("_arguments -s", stdout);
	if (command)
		print_options(p, command->options);
	print_options(p, p->options);
	print_options(p, options_standard);
	print_arguments(p, command);
}

static void print_commands(const struct program_spec *p)
{
	const struct command_spec *fallback = completion_fallback(p);
	struct completion_value v;

	puts("\tlocal -a commands\n\tcommands=(");
	for (const struct command_spec *c = p->commands; c->name; c++) {
		if (c->hidden)
			continue;
		fputs("\t\t", stdout);
		completion_quote(c->name, "");
		putchar(':');
		completion_quote(c->help, SPECIAL_IN_LIST);
		putchar('\n');
	}
	puts("\t)\n\tlocal curcontext=$curcontext state line\n\ttypeset -A opt_args");
	fputs("\t_arguments -C -s", stdout);
	print_options(p, p->options);
	print_options(p, options_standard);
	puts(" \\\n\t\t'1: :->command' '*:: :->argument'\n"
	     "\tcase $state in\n"
	     "\tcommand)\n"
	     "\t\t_describe command commands");
	if (fallback && completion_argument(p, fallback, 0, &v) && v.kind == COMPLETION_NAMES)
		printf("\t\t_%s_list %s\n", p->name, v.text);
	puts("\t\t;;\n\targument)\n\t\tcase $line[1] in");
	for (const struct command_spec *c = p->commands; c->name; c++) {
		if (c->hidden)
			continue;
		printf("\t\t%s) ", c->name);
		print_all(p, c);
		puts(" ;;");
	}
	if (fallback) {
		fputs("\t\t*) _arguments -s", stdout);
		print_options(p, fallback->options);
		print_options(p, p->options);
		puts(" ;;");
	}
	puts("\t\tesac\n\t\t;;\n\tesac");
}

void completion_zsh(const struct program_spec *p)
{
	printf("#compdef %s\n# Completion of %s for zsh; made from its tables by '%s --completion zsh'.\n\n",
		p->name, p->name, p->name);
	if (p->names)
		printf("_%s_list() { # the first column of a list, without its heading\n"
		       "\tlocal -a names\n"
		       "\tnames=(${${(f)\"$(%s $1 2>/dev/null)\"}%%%% *})\n"
		       "\tcompadd -- ${names:#NAME}\n}\n\n",
			p->name, p->name);
	printf("_%s() {\n", p->name);
	if (p->commands) {
		print_commands(p);
	} else {
		putchar('\t');
		print_all(p, NULL);
		putchar('\n');
	}
	/* Loaded by its name as a function it runs at once; when it is sourced, it is only made
	 * known. */
	printf("}\n\nif [ \"$funcstack[1]\" = _%s ]; then\n\t_%s \"$@\"\nelse\n\tcompdef _%s %s\nfi\n",
		p->name, p->name, p->name, p->name);
}
