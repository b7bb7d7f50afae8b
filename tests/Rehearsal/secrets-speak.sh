#!/usr/bin/env bash
# A child of the deploy script that says what it was given, on both streams: by lines, in two writes of one line, and from its environment.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cat "$here/planted/raw.txt"
cat "$here/planted/raw.txt" >&2
while IFS= read -r line; do
    printf '%s' "${line:0:$((${#line} / 2))}"
    sleep 0.002
    printf '%s\n' "${line:$((${#line} / 2))}"
done <"$here/planted/raw.txt"
env | grep -aE '^(ENV|FILE)_'
cat "$here/planted/raw.txt" >>"$here/planted/child.log"
[[ ${1-} != child ]] || exit 3
