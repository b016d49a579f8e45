#!/bin/sh
# Fetches the newest posts of a blog, with their comments, into the folder of pages, before undertone runs.
#
# An example to change. Fetch only what you are allowed to: ask the blog's owner, or read its terms, and keep to its
# robots.txt. Comments were written by people; what they take back at the source goes from here with the next fetch of its
# page, as long as the post is in the feed.
#
# Needs curl and w3m. It takes the addresses of posts from the blog's feed, and turns each page into plain text. Blogs differ:
# look at what is read from a page with `undertone ingest pages/some-page.txt` before you trust it.
set -eu

feed='https://blog.example.org/feeds/posts/default?alt=rss'
pages=$(cd "$(dirname "$0")/.." && pwd)/pages
agent='undertone nightly fetch (your address here)'

case $feed in
*://blog.example.org/*)
    echo "fetch-posts.sh: put the address of the blog's feed into this script, in the line that begins with feed=" >&2
    exit 2
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

curl --fail --silent --show-error --location --max-time 60 --user-agent "$agent" --output "$work/feed" "$feed"

tr '<' '\n' <"$work/feed" | sed -n 's/^link>\(https:[^[:space:]]*\)$/\1/p' | sort -u >"$work/addresses"

while read -r address; do
    # The path of the address, in letters that are safe in a file's name; the front page has none.
    name=$(printf '%s\n' "$address" | sed 's,^https://[^/]*/*,,; s,[?#].*$,,; s,\.html*$,,' | tr -c 'A-Za-z0-9\n' '-')
    [ -n "$name" ] || continue
    sleep 2
    # A page is put in its place whole. One that cannot be fetched stays as it was.
    if curl --fail --silent --show-error --max-time 60 --max-filesize 30000000 --user-agent "$agent" \
        --output "$work/page" "$address" </dev/null &&
        w3m -dump -T text/html -cols 10000 -O UTF-8 <"$work/page" >"$pages/.$name.part" &&
        [ -s "$pages/.$name.part" ]; then
        mv "$pages/.$name.part" "$pages/$name.txt"
    else
        rm -f "$pages/.$name.part"
        echo "fetch-posts.sh: $address could not be fetched" >&2
        failed=1
    fi
done <"$work/addresses"

exit "$failed"
