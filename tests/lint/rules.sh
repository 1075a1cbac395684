#!/bin/sh
# rules.sh - every rule has a case file that expects it.
set -eu
cd "$(dirname "$0")/../.."
fail=0
for code in $(sed -nE 's/.*\{"(MC[0-9]+)".*/\1/p' src/rules.c); do
	# Lines that begin with '#' are remarks of the case and expect nothing.
	if ! grep -h -v '^#' tests/cases/*.case | grep -q "$code"; then
		echo "lint: no case in tests/cases expects $code" >&2
		fail=1
	fi
done
exit $fail
