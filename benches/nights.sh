#!/bin/sh
# What nights cost: the first run over N comments, a night without news, one with 50 new comments, and one that writes a new
# set all the same. Prints a row for each N.
#
#   benches/nights.sh 2000                          all of them scored the first time
#   benches/nights.sh --filled 100000 1000000       random vectors are put into the store first, which spares the hours
#
# Each comment takes some kilobytes below TMPDIR and in memory: see that a million fit. Quote ratios between rows of one sitting; machines drift.
set -eu
cd "$(dirname "$0")/.."

filled=no
if [ "${1:-}" = --filled ]; then
    filled=yes
    shift
fi
[ $# -gt 0 ] || set -- 2000

cargo build --release --quiet --bin undertone --example nights
programs=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# Seconds of a run with these options; what it says goes to stderr if it fails.
night() {
    began=$(date +%s.%N)
    "$programs/undertone" run --corpus "$work/pages" --out "$work/out" --keep 1 --quiet "$@" 2>"$work/said" ||
        { cat "$work/said" >&2; exit 1; }
    ended=$(date +%s.%N)
    echo "$began $ended" | awk '{ printf "%.2f", $2 - $1 }'
}

printf '%10s %12s %12s %12s %12s %14s\n' comments 'first (s)' 'quiet (s)' '50 new (s)' 'anew (s)' 'bytes a text'
for comments in "$@"; do
    rm -rf "$work/pages" "$work/out"
    mkdir "$work/out"
    "$programs/examples/nights" pages "$work/pages" "$comments"
    if [ $filled = yes ]; then
        "$programs/examples/nights" fill "$work/pages" "$work/out/store.sqlite" >&2
    fi
    first=$(night)
    quiet=$(night)
    "$programs/examples/nights" pages "$work/pages" 50 $((comments + 1))
    new=$(night)
    anew=$(night --anew)
    bytes=$("$programs/undertone" cache status --out "$work/out" | sed -n '1s/.*, \([0-9]*\) bytes a text.*/\1/p')
    printf '%10s %12s %12s %12s %12s %14s\n' "$comments" "$first" "$quiet" "$new" "$anew" "$bytes"
done
