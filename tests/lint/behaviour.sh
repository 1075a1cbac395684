#!/bin/sh
# behaviour.sh - what the program takes for different on musl was measured to be: the names in
# src/use.c, the directives in src/use_python.c, and the page are those of probe/behaviour.tsv.
set -eu
cd "$(dirname "$0")/../.."
fail=0
table=probe/behaviour.tsv

# The row of this behaviour and case has another value for each musl than for glibc.
differs() {
	awk -F '\t' -v b="$1" -v c="$2" '$1 == b && $2 == c { ok = 1; for (i = 5; i <= NF; i++) if ($i == $4) ok = 0 }
		END { exit !ok }' "$table" || {
		echo "lint: $table does not say that $1: $2 differs" >&2
		fail=1
	}
}

for name in $(sed -n '/^static const char \*const charsets/,/^};/p' src/use.c | grep -o '"[A-Z0-9-]*"' | tr -d '"'); do
	differs iconv "charset $name"
done
for directive in %P %k %l %+ %^a %#a; do
	differs strftime "$directive"
done

page=$(mktemp)
trap 'rm -f "$page"' EXIT
probe/behaviour/measure --page "$page"
cmp -s "$page" docs/behaviour.md || {
	echo "lint: docs/behaviour.md is not the page of $table: probe/behaviour/measure --page docs/behaviour.md" >&2
	fail=1
}
exit $fail
