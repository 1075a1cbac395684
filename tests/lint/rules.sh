#!/bin/sh
# rules.sh - every rule has a case file that expects it.
set -eu
cd "$(dirname "$0")/../.."
fail=0
for code in $(sed -nE 's/.*\{"(MC[0-9]+)".*/\1/p' src/rules.c); do
	# Remarks and questions for what is not there expect nothing.
	if ! grep -hvE '^(#|@NOFINDING|@NOGREP)' tests/cases/*.case | grep -q "$code"; then
		echo "lint: no case in tests/cases expects $code" >&2
		fail=1
	fi
done
exit $fail
