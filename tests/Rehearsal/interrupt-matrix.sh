#!/usr/bin/env bash
# Presses Ctrl+C, and closes the terminal, in each phase of a release: the shop still serves, the log says Cancelled, the host ends within 2 s of
# the key, or of the end of the step at work where that cannot be broken off, and the same command carries on to the same end. And goes back from a
# second process in each phase, which takes over within 5 s of its being typed.
# The last line is "points N, good N".
#   --full        every moment instead of a fixed sample
#   NAME ...      only these moments
set -uo pipefail
state=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/artifacts/rehearsal/interrupt
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export DEPLOYOPS_HOME=$state/deployops TERM=xterm

# name|how|the phase that is interrupted|the version that serves then|what the journal says just before
readonly baseline='"kind":"Captured".*"target":"smoke"'
readonly script='"kind":"Intent".*"target":"migrate/shop/2.4.0.2"'
readonly instance_1='"kind":"Intent".*"target":"deploy/green-1"'
readonly instance_2='"kind":"Intent".*"target":"deploy/green-2"'
readonly smoke='"kind":"PhaseStarted".*"phase":"Smoke"'
readonly look='"kind":"CheckIn".*Look 1:'
readonly retire='"kind":"Intent".*"target":"retire/blue-1"'
readonly moments=(
    "ctrl-c-in-preparation|key|Preparation|2.3.0|$baseline"
    "ctrl-c-in-migration|key|Migration|2.3.0|$script"
    "ctrl-c-in-rollout|key|Rollout|2.3.0|$instance_2"
    "ctrl-c-in-smoke|key|Smoke|2.4.0|$smoke"
    "ctrl-c-in-watch|key|Monitoring|2.4.0|$look"
    "ctrl-c-in-completion|key|Completion|2.4.0|$retire"
    "closed-in-migration|hangup|Migration|2.3.0|$script"
    "closed-in-rollout|hangup|Rollout|2.3.0|$instance_2"
    "closed-in-watch|hangup|Monitoring|2.4.0|$look"
    "closed-in-completion|hangup|Completion|2.4.0|$retire"
    "back-in-preparation|second|Preparation||$baseline"
    "back-in-migration|second|Migration||$script"
    "back-in-rollout|second|Rollout||$instance_1"
    "back-in-smoke|second|Smoke||$smoke"
    "back-in-watch|second|Monitoring||$look"
    "back-in-completion|second|Completion||$retire"
    "ctrl-c-in-rehearsal|rehearsal|Monitoring||$look"
)
readonly sample=' ctrl-c-in-watch closed-in-rollout back-in-rollout back-in-watch '

chosen=$sample
case ${1-} in
    '') [[ -z ${DEPLOYOPS_FULL-} ]] || chosen=all ;;
    --full) chosen=all ;;
    *) chosen=" $* " ;;
esac

# Runs a command on a terminal of its own, in the background: `terminal` is the process that holds it, `running` the host on it, and what is
# written to descriptor 7 is typed.
open_terminal() {
    local words
    rm -f "$state/keys" "$state/host.pid"
    mkfifo "$state/keys"
    printf -v words '%q ' "$dotnet" "$host" "$@"
    # A shell without job control has its background processes ignore Ctrl+C.
    env --default-signal=INT,QUIT script -qec "echo \$\$ >$(printf %q "$state/host.pid"); exec $words" /dev/null <"$state/keys" >>"$state/terminal.log" 2>&1 &
    terminal=$!
    exec 7>"$state/keys"
    wait_for_file "$state/host.pid" "$terminal" && sleep 0.1
    running=$(cat "$state/host.pid")
}

close_terminal() { exec 7>&-; }

interrupt_terminal() {
    pressed=$(date +%s%N)
    if [[ $1 == hangup ]]; then
        # Disowned, or the shell would tell of its death.
        disown "$terminal"
        kill -9 "$terminal"
    else
        printf '\003' >&7
    fi
    wait_for_end "$running" 30 || { complaints+=('the host did not end within 30 s'); kill -9 "$running"; }
    ended=$(date +%s%N)
    wait "$terminal" 2>/dev/null
    code=$?
    close_terminal
    if [[ $1 != hangup && $code != 130 ]]; then complaints+=("the host ended with $code, not 130"); fi
}

# The moment of a line of the journal, in nanoseconds.
time_of() { date -d "$(grep -oE '"time":"[^"]+"' <<<"$1" | head -1 | cut -d'"' -f4)" +%s%N; }

# The phase has to be Cancelled in the log, and the host to have ended within 2 s of the key, or of the outcome of the step that was at work then:
# what a deploy script has begun comes to its end first.
judge_cancelled() {
    local line from=$pressed safe
    line=$(grep -nE "\"kind\":\"PhaseEnded\".*\"phase\":\"$1\".*\"outcome\":\"Cancelled\"" "$(journal)" | tail -1)
    if [[ -z $line ]]; then complaints+=("the log does not say that $1 was cancelled"); return; fi
    safe=$(head -n "${line%%:*}" "$(journal)" | grep -E '"kind":"Outcome"' | tail -1)
    if [[ -n $safe ]]; then
        safe=$(time_of "$safe")
        (( safe <= from )) || from=$safe
    fi
    took=$(( (ended - from) / 1000000 ))
    (( took <= 2000 )) || complaints+=("the host ended $took ms after the key, or after the step at work then")
}

carry_on() {
    run_host "$state/release.ps1" >>"$state/host.log" 2>&1
    local code=$? wrong
    (( code == 0 )) || complaints+=("the same command ended with $code: $(tail -5 "$state/host.log" | tr '\n' ' ')")
    [[ $(edge_version) == 2.4.0 ]] || complaints+=("the edge serves '$(edge_version)', not 2.4.0")
    [[ $(failed_requests) == 0 ]] || complaints+=("$(failed_requests) requests failed")
    wrong=$(run_host "$root/tests/Rehearsal/check-log.ps1" -State "$state" -Expected Completed 2>&1) || complaints+=("${wrong:-check-log.ps1 failed}")
}

start_shop() {
    local slow=()
    # The phases that are over before they can be met take longer.
    [[ $1 =~ ^(Migration|Smoke|Completion)$ ]] && slow=(-Slow "$1")
    run_host "$root/tests/Rehearsal/Start-Shop.ps1" -State "$state" -Watch 00:00:10 -Brief "${slow[@]}" >>"$state/host.log" 2>&1 || complaints+=("the shop does not start: $(tail -3 "$state/host.log")")
}

try_interruption() {
    local how=$1 phase=$2 version=$3 until=$4 code pressed ended terminal running process
    if [[ $how == rehearsal ]]; then
        open_terminal "$root/examples/shop/rehearse.ps1" -State "$state" -Watch 00:00:10
    else
        start_shop "$phase"
        open_terminal "$state/release.ps1"
    fi
    wait_for_line "$until" "$running" || complaints+=("the moment never came: $(tail -3 "$state/terminal.log" | tr '\n' ' ')")
    interrupt_terminal "$how"
    judge_cancelled "$phase"
    if [[ $how == rehearsal ]]; then
        for process in edge load "${instances[@]}"; do alive "$process" && complaints+=("$process still runs"); done
    else
        [[ $(edge_version) == "$version" ]] || complaints+=("after the interruption the edge served '$(edge_version)', not $version")
        carry_on
    fi
}

# A second process goes back while the release runs in the first one.
try_takeover() {
    local phase=$1 until=$2 want=3 first code name wrong
    start_shop "$phase"
    "$dotnet" "$host" -NonInteractive "$state/release.ps1" >>"$state/host.log" 2>&1 &
    first=$!
    run_host "$root/tests/Rehearsal/go-back.ps1" -Journal "$state/deployops/shop/rehearsal/windows/shop-2.4.0-1/journal.jsonl" -Moment "$until" >"$state/second.log" 2>&1
    code=$?
    (( code == 0 )) || complaints+=("going back ended with $code: $(tail -5 "$state/second.log" | tr '\n' ' ')")
    seconds=$(grep -oE 'took over after [0-9.]+' "$state/second.log" | grep -oE '[0-9.]+$')
    awk -v s="${seconds:-99}" 'BEGIN { exit !(s <= 5) }' || complaints+=("it took over after ${seconds:-no known time} s, not within 5")
    wait "$first"
    code=$?
    # A window that gave way before it was prepared is an error of the runbook's first line; later its catch says that it went back.
    [[ $phase == Preparation ]] && want=1
    (( code == want )) || complaints+=("the first process ended with $code, not $want: $(tail -5 "$state/host.log" | tr '\n' ' ')")
    [[ $(edge_version) == 2.3.0 ]] || complaints+=("the edge serves '$(edge_version)', not 2.3.0")
    for name in 1 2; do
        alive "blue-$name" || complaints+=("blue-$name does not run")
        alive "green-$name" && complaints+=("green-$name still runs")
    done
    [[ $(failed_requests) == 0 ]] || complaints+=("$(failed_requests) requests failed")
    wrong=$(run_host "$root/tests/Rehearsal/check-log.ps1" -State "$state" -Expected RolledBack 2>&1) || complaints+=("${wrong:-check-log.ps1 failed}")
}

try_moment() {
    local name=$1 how=$2 complaints=() seconds='' took=''
    shift
    reset_state >/dev/null || complaints+=('what ran before does not end')
    if [[ $how == second ]]; then try_takeover "$2" "$4"; else try_interruption "$@"; fi
    tell_point "$name${seconds:+ (took over after $seconds s)}${took:+ (ended after $took ms)}" "${complaints[@]}"
    (( ${#complaints[@]} == 0 )) || keep_evidence "$name"
}

trap 'reset_state >/dev/null' EXIT
seed_releases
for moment in "${moments[@]}"; do
    IFS='|' read -r name how phase version until <<<"$moment"
    if [[ $chosen == all || $chosen == *" $name "* ]]; then try_moment "$name" "$how" "$phase" "$version" "$until"; fi
done
tell_end
