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
# Whoever lists the processes has to have met one of these: on a busy machine he comes round late.
for _ in {1..200}; do
    ! grep -qs 'speak\.sh' "$here/arguments.log" || break
    sleep 0.1
done
# The shop goes on logging while it is watched; what it logged before is logged again at any time.
cat "$here/planted/old-errors.txt" >>"$here/logs/planted.log"
if [[ ${1-} == log ]]; then
    # shellcheck disable=SC2016
    setsid bash -c 'for _ in {1..240}; do [[ $(cat "$1/mode") == log ]] || break; cat "$1/planted/new-errors.txt" >>"$1/logs/planted.log"; sleep 0.25; done' _ "$here" >/dev/null 2>&1 </dev/null &
fi
[[ ${1-} != child ]] || exit 3
