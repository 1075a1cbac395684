#!/bin/sh
# install.sh - each public header stands alone, in C and in C++; every command is in the man page and completions.
set -eu
cd "$(dirname "$0")/../.."
fail=0

for header in include/muslcheck/*.h; do
	name=muslcheck/${header##*/}
	if ! printf '#include "%s"\nstruct mc_error err = {0};\n' "$name" |
		${CC:-cc} -std=c17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c -; then
		echo "lint: $header does not stand alone in C17" >&2
		fail=1
	fi
	if ! printf '#include "%s"\nmc_error err = MC_ERROR_INIT;\n' "$name" |
		${CXX:-c++} -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ -; then
		echo "lint: $header does not stand alone in C++17" >&2
		fail=1
	fi
	# What is declared outside of them would not be exported, and be mangled in C++.
	if [ "$(grep -cE '^MC_DECLS_(BEGIN|END)$' "$header")" != 2 ]; then
		echo "lint: $header: declarations stand between MC_DECLS_BEGIN and MC_DECLS_END" >&2
		fail=1
	fi
done

for command in $(sed -nE 's/^\t\{"([a-z]+)", mc_cmd_.*/\1/p' src/main.c); do
	if ! grep -q "^    \"$command\": " packaging/optionlib.py; then
		echo "lint: packaging/optionlib.py has no command $command" >&2
		fail=1
	fi
	if ! grep -q "^\.It Cm $command\$" packaging/muslcheck.1.in; then
		echo "lint: packaging/muslcheck.1.in has no command $command" >&2
		fail=1
	fi
done
exit $fail
