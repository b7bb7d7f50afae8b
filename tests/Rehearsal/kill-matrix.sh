#!/usr/bin/env bash
# Kills the host of a release with kill -9 at chosen moments, runs the same command again, and expects the same end: released, nothing
# lost, each step done once; or, where the release has a fault, back on the old version. The last line is "points N, good N".
#   --full        every moment instead of a fixed sample
#   NAME ...      only these moments
set -uo pipefail
state=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/artifacts/rehearsal/kill
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# name|fault|what the journal says just before the kill
readonly moments=(
    'set-up||file:run/blue-1.json'
    'before-the-window||file:release.begun'
    'baseline||"kind":"Captured".*"target":"smoke"'
    'backup||"kind":"Intent".*"target":"backup/shop"'
    'first-migration||"kind":"Intent".*"target":"migrate/shop/2.4.0.1"'
    'migrated||"kind":"Outcome".*"target":"migrate/shop/2.4.0.2"'
    'first-instance||"kind":"Intent".*"target":"deploy/green-1"'
    'between-instances||"kind":"Outcome".*"target":"deploy/green-1"'
    'cut-over||"kind":"Intent".*"target":"traffic"'
    'smoke||"kind":"PhaseStarted".*"phase":"Smoke"'
    'watch||"kind":"CheckIn".*Look 2:'
    'completion||"kind":"Intent".*"target":"retire/blue-1"'
    'last-instance||"kind":"Intent".*"target":"retire/blue-2"'
    'deciding-to-go-back|checkout-500|"kind":"PhaseStarted".*"phase":"Rollback"'
    'going-back|checkout-500|"target":"traffic","detail":\{"state":"UndoIntended"'
    'traffic-is-back|checkout-500|"target":"traffic","detail":\{"state":"Undone"'
)
readonly sample=' between-instances cut-over going-back '

chosen=$sample
case ${1-} in
    '') [[ -z ${DEPLOYOPS_FULL-} ]] || chosen=all ;;
    --full) chosen=all ;;
    *) chosen=" $* " ;;
esac

# Kills the release at its moment; fails where that moment never came.
interrupt() {
    local until=$1 id
    shift
    # Not by run_host: the process to kill would be the shell of the function.
    "$dotnet" "$host" -NonInteractive "$@" >>"$state/host.log" 2>&1 &
    id=$!
    if [[ $until == file:* ]]; then wait_for_file "$state/${until#file:}" "$id"; else wait_for_line "$until" "$id"; fi
    local came=$?
    kill -9 "$id" 2>/dev/null
    wait "$id" 2>/dev/null
    # A host that ended by itself was not killed, and its point would prove nothing.
    [[ $? == 137 && $came == 0 ]]
}

judge() {
    local fault=$1 version=2.4.0 expected=Completed serving=green idle=blue name
    if [[ -n $fault ]]; then version=2.3.0 expected=RolledBack serving=blue idle=green; fi
    [[ $(edge_version) == "$version" ]] || complaints+=("the edge serves '$(edge_version)', not $version")
    for name in 1 2; do
        alive "$serving-$name" || complaints+=("$serving-$name does not run")
        alive "$idle-$name" && complaints+=("$idle-$name still runs")
    done
    if [[ -z $fault && $(failed_requests) != 0 ]]; then complaints+=("$(failed_requests) requests failed: $(tail -5 "$state/load.json" | tr -d '\n')"); fi
    local wrong
    wrong=$(run_host "$root/tests/Rehearsal/check-log.ps1" -State "$state" -Expected "$expected" 2>&1) || complaints+=("${wrong:-check-log.ps1 failed}")
}

try_moment() {
    local name=$1 fault=$2 until=$3 code want=0
    local command=("$root/examples/shop/rehearse.ps1" -State "$state" -Watch 00:00:08 -KeepRunning)
    local complaints=()
    [[ -z $fault ]] || { command+=(-Fault "$fault"); want=3; }
    reset_state >/dev/null || complaints+=('what ran before does not end')
    if interrupt "$until" "${command[@]}"; then
        if [[ $name != set-up && -z $(edge_version) ]]; then complaints+=('the shop did not answer after the kill'); fi
        run_host "${command[@]}" >>"$state/host.log" 2>&1
        code=$?
        [[ $code == "$want" ]] || complaints+=("the same command ended with $code, not $want: $(tail -5 "$state/host.log" | tr '\n' ' ')")
        judge "$fault"
    else
        complaints+=("it was not killed at its moment: $(tail -3 "$state/host.log" | tr '\n' ' ')")
    fi
    tell_point "$name" "${complaints[@]}"
    # What a bad point left is worth more than a clean folder.
    (( ${#complaints[@]} == 0 )) || { rm -rf "$state.$name"; mkdir -p "$state.$name"; cp -a "$state/deployops" "$state/host.log" "$state/load.json" "$state/logs" "$state.$name/" 2>/dev/null; }
}

trap 'reset_state >/dev/null' EXIT
seed_releases
for moment in "${moments[@]}"; do
    IFS='|' read -r name fault until <<<"$moment"
    if [[ $chosen == all || $chosen == *" $name "* ]]; then try_moment "$name" "$fault" "$until"; fi
done
tell_end
