#!/usr/bin/env bash
# Kills the host of a release with kill -9 at its journal's system calls, runs the same command again, and expects what an uninterrupted
# run leaves: the same window, phases, steps, instances, weights and database, each step done once, no request lost, the log intact.
# A point is "scenario:sync:K", killed when record K is written and its effect has not begun, or "scenario:write:K", killed when the effect has
# happened and record K, its outcome, is not written. Where instances are changed at once, records share a sync, and every record has a point of the
# second kind: whatever the other instance was at. Three scenarios at a time. Prints "points N, good N" a scenario; the last line is the sum.
#   --full        every point instead of a fixed sample
#   --list        only says which points there are
#   NAME ...      only these scenarios or points
set -uo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# scenario|strategy and its options|fault of the new release|what is done before, and kept|what is killed|its exit code|how it ends|whether every request is served (always), each but those the fault fails
# (but for the fault), or none while databases are restored|how many points the sample takes
readonly scenarios=(
    'release|BlueGreen|||Release|0|Completed|always|5'
    'automatic-rollback|BlueGreen|checkout-500||Release|1|RolledBack|but for the fault|3'
    'rollback|BlueGreen||Watched|GoBack|0|RolledBack|always|11'
    'completion|BlueGreen||Watched|Complete|0|Completed|always|11'
    'restore|BlueGreen||Watched|Restore|0|RolledBack|not while it restores|4'
    'rolling|Rolling||Migrated|RollOut|0|Open|always|3'
    'rolling-at-once|Rolling -Batch 2||Migrated|RollOutAtOnce|0|Open|always|3'
    'rolling-back|Rolling||RolledOut|GoBack|0|RolledBack|always|3'
)
# A sample of fewer points says too little; where the scenarios have become shorter, the sample takes more of them.
readonly fewest=40
# Requests a second: the evidence of a watch of 2 s.
readonly load=45

whole=${DEPLOYOPS_FULL:-} list='' chosen=()
for argument in "$@"; do
    case $argument in
        --full) whole=1 ;;
        --list) list=1 ;;
        *) chosen+=("$argument") ;;
    esac
done

records() { if [[ -e $journal ]]; then wc -l <"$journal"; else echo 0; fi; }

# Ends what runs without asking it, for the state folder is put back anyway.
kill_every_run() {
    local name id
    for name in load edge "${instances[@]}"; do
        if alive "$name"; then id=$(process_of "$name"); kill -9 "$id"; wait_for_end "$id" 10; fi
    done
}

# Starts a host that stays, for what needs no process of its own: to start one for each request would cost more than what it does.
start_keeper() { coproc keeper { run_host "$root/tests/Rehearsal/kill-keeper.ps1" -State "$state" -Load "$load" 2>&1; }; }

# Asks it, tells what it says, and fails where that went wrong.
ask_keeper() {
    local line
    echo "$1" >&"${keeper[1]}" || return 1
    while IFS= read -r -t "$patience" -u "${keeper[0]}" line; do
        if [[ $line =~ ^=\ ([0-9]+)$ ]]; then return "${BASH_REMATCH[1]}"; fi
        echo "$line"
    done
    echo "the keeper did not end what it was asked: $1"
    return 1
}

forget() { find "$state" -mindepth 1 -maxdepth 1 ! -name releases -exec rm -rf {} +; }

# Sets the shop up, does what comes before the scenario's command, and keeps the state folder.
prepare() {
    local strategy fault=$2 before=$3
    read -ra strategy <<<"$1"
    mkdir -p "$state"
    kill_every_run
    forget
    run_host "$root/tests/Rehearsal/Start-Shop.ps1" -State "$state" -Load "$load" -Strategy "${strategy[@]}" -Fault "$fault" -Watch 00:00:02 -Brief -Runbook "$root/tests/Rehearsal/kill-runbook.ps1" >>"$state/host.log" 2>&1 || return 1
    if [[ -n $before ]]; then run_host "$state/release.ps1" -Part "$before" >>"$state/host.log" 2>&1 || return 1; fi
    kill_every_run
    rm -rf "$state.kept"
    mkdir "$state.kept"
    find "$state" -mindepth 1 -maxdepth 1 ! -name releases -exec cp -a {} "$state.kept/" \;
}

# Puts the state folder back as it was kept, and starts what ran then.
put_back() {
    kill_every_run
    forget
    cp -a "$state.kept/." "$state/"
    ask_keeper resume >>"$state/host.log" || return 1
    rm -f "$state"/deploys.*.log
}

# What can be seen from outside, in lines that two runs to one end have alike.
end_state() {
    local expected=$1 served=$2 name
    ask_keeper "judge $expected" || return 1
    echo "edge serves $(edge_version)"
    if [[ $served == always ]]; then echo "failed requests $(failed_requests)"; fi
    sed -E 's/"Revision": *"[^"]*",?//' "$state/edge.json"
    for name in "${instances[@]}"; do
        if alive "$name"; then echo "$name runs $(grep -oE '"version":"[^"]*"' "$state/run/$name.json")"; else echo "$name does not run"; fi
    done
    echo "settings $(cat "$state/settings/shop.json")"
    echo 'calls of the deploy script:'
    # What was under way is done again where nobody saw it end: taking back, and where instances are changed at once, the other one. That no step was seen done twice, the log tells.
    if [[ $expected == RolledBack || $scenario == *-at-once ]]; then sort -u "$state"/deploys.*.log; else sort "$state"/deploys.*.log; fi
    # A restored database is one from before the first migration, without a history.
    sqlite3 -cmd ".timeout 10000" "$state/shop.db" .schema 'PRAGMA integrity_check' | tee "$state/schema" || return 1
    if grep -q deployops_history "$state/schema"; then sqlite3 -cmd ".timeout 10000" "$state/shop.db" 'SELECT version, checksum FROM deployops_history ORDER BY version'; fi
}

run_part() { run_host "$state/release.ps1" -Part "$1" >>"$state/host.log" 2>&1; }

# Runs the command and kills it at one of its journal's system calls; fails where that call never came.
kill_at() {
    local part=$1 call=$2 count=$3 kept=$4 present=$3 code
    # It follows threads only: what the host starts is let go at its execve and goes on.
    strace -f -b execve -qq -o /dev/null -P "$journal" -e trace=fsync,pwrite64 -e signal=none -e "inject=$call:signal=SIGKILL:when=$count" \
        "$dotnet" "$host" -NonInteractive "$state/release.ps1" -Part "$part" >>"$state/host.log" 2>&1
    code=$?
    if [[ $call == pwrite64 ]]; then present=$((count - 1)); fi
    if [[ $code != 137 ]]; then complaints+=("it was not killed, but ended with $code"); fi
    if [[ $(records) != $((kept + present)) ]]; then complaints+=("$(records) records were written, not $((kept + present))"); fi
} 2>/dev/null

try_point() {
    local point=$1 part=$2 call=$3 count=$4 kept=$5 want=$6 expected=$7 served=$8 code difference
    local complaints=()
    put_back || complaints+=('the state could not be put back')
    kill_at "$part" "$call" "$count" "$kept"
    [[ $served == "not while it restores" || -n $(edge_version) ]] || complaints+=('the shop did not answer after the kill')
    run_part "$part"
    code=$?
    [[ $code == "$want" ]] || complaints+=("the same command ended with $code, not $want: $(tail -5 "$state/host.log" | tr '\n' ' ')")
    end_state "$expected" "$served" >"$state/end" 2>&1
    difference=$(diff "$state.end" "$state/end") || complaints+=("it did not end as an uninterrupted run does: $difference")
    tell_point "$point" "${complaints[@]}"
    # What a bad point left is worth more than a clean folder.
    (( ${#complaints[@]} == 0 )) || keep_evidence "${point//:/-}"
}

# All points of the scenario that ran last: every record from the first that is looked at on.
points_of() {
    local scenario=$1 kept=$2 number=0 first=1 line
    if [[ $scenario == automatic-rollback ]]; then first=$(grep -nm1 '"kind":"PhaseStarted".*"phase":"Rollback"' "$journal" | cut -d: -f1); fi
    while IFS= read -r line; do
        number=$((number + 1))
        (( number > kept && number >= first )) || continue
        if [[ $line == *'"kind":"Outcome"'* || $scenario == *-at-once ]]; then echo "$scenario:write:$((number - kept))"; fi
        if [[ $scenario != *-at-once ]]; then echo "$scenario:sync:$((number - kept))"; fi
    done <"$journal"
}

# So many of the lines that come in, evenly spread, with the first and the last.
take() { awk -v want="$1" '{ line[NR] = $0 } END { for (i = 0; i < want && i < NR; i++) print line[1 + int(i * (NR - 1) / (want > 1 ? want - 1 : 1))] }' | uniq; }

# The points that were asked for: by name, all, or the sample.
choose() {
    local scenario=$1 sample=$2 point
    if (( ${#chosen[@]} == 0 )); then
        if [[ -n $whole ]]; then cat; else take "$sample"; fi
        return
    fi
    while read -r point; do
        if [[ " ${chosen[*]} " == *" $scenario "* || " ${chosen[*]} " == *" $point "* ]]; then echo "$point"; fi
    done
}

# The points of the scenario that were asked for by a name it does not have.
misnamed() {
    local scenario=$1 name
    for name in "${chosen[@]}"; do
        if [[ $name == "$scenario":* ]] && ! grep -qxF "$name" "$state.points"; then echo "$name"; fi
    done
}

is_wanted() {
    local scenario=$1 sample=$2
    if (( ${#chosen[@]} == 0 )); then [[ -n $whole || $sample != 0 ]]; else [[ " ${chosen[*]} " == *" $scenario"[\ :]* ]]; fi
}

# Runs a scenario in a state folder of its own.
try_scenario() {
    local scenario=$1 strategy=$2 fault=$3 before=$4 part=$5 want=$6 expected=$7 served=$8 sample=$9 kept code point call count
    # Not local: the trap needs them when the function is left.
    state=$root/artifacts/rehearsal/kill-$scenario
    journal=$state/deployops/shop/rehearsal/windows/shop-2.4.0-1/journal.jsonl
    export DEPLOYOPS_HOME=$state/deployops
    trap 'kill_every_run; rm -rf "$state.kept"' EXIT
    seed_releases
    prepare "$strategy" "$fault" "$before" || { tell_point "$scenario" "it could not be prepared: $(tail -3 "$state/host.log" | tr '\n' ' ')"; return; }
    kept=$(records)
    start_keeper
    put_back && run_part "$part"
    code=$?
    # A reference that is itself wrong would make every point that is wrong alike a good one.
    end_state "$expected" "$served" >"$state.end" 2>&1 || { tell_point "$scenario" "uninterrupted it did not end as it should: $(cat "$state.end")"; keep_evidence uninterrupted; return; }
    if [[ $code != "$want" ]] || { [[ -z $fault && $served == always ]] && ! grep -qx 'failed requests 0' "$state.end"; }; then
        tell_point "$scenario" "uninterrupted it ended with $code, not $want: $(tail -5 "$state/host.log" | tr '\n' ' ') $(head -20 "$state.end")"
        keep_evidence uninterrupted
        return
    fi
    points_of "$scenario" "$kept" >"$state.points"
    if [[ -n $list ]]; then cat "$state.points"; return; fi
    while read -r point; do tell_point "$point" 'there is no such point'; done < <(misnamed "$scenario")
    while IFS=: read -r _ call count; do
        point=$scenario:$call:$count
        if [[ $call == sync ]]; then call=fsync; else call=pwrite64; fi
        try_point "$point" "$part" "$call" "$count" "$kept" "$want" "$expected" "$served" </dev/null
    done < <(choose "$scenario" "$sample" <"$state.points")
}

outputs=$(mktemp -d) started=0
trap 'rm -rf "$outputs"' EXIT
for scenario in "${scenarios[@]}"; do
    IFS='|' read -r name strategy fault before part want expected served sample <<<"$scenario"
    is_wanted "$name" "$sample" || continue
    # Two cores are busy with three: a point waits half of its time, for instances that drain and looks that are due.
    if (( $(jobs -pr | wc -l) >= 3 )); then wait -n; fi
    started=$((started + 1))
    { try_scenario "$name" "$strategy" "$fault" "$before" "$part" "$want" "$expected" "$served" "$sample"; tell_end "$name: "; } >"$outputs/$name" 2>&1 &
done
wait
cat "$outputs"/*
[[ -z $list ]] || exit 0
ended=0
while read -r _ _ tried _ passed; do
    ended=$((ended + 1)) points=$((points + ${tried%,})) good=$((good + passed))
done < <(grep -hE '^[a-z-]+: points [0-9]+, good [0-9]+$' "$outputs"/*)
(( ended == started )) || tell_point 'every scenario' "$ended of $started came to their end"
if [[ -z $whole ]] && (( ${#chosen[@]} == 0 && points < fewest )); then tell_point 'the whole sample' "$points points, at least $fewest are expected"; fi
tell_end
