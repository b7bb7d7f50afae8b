#!/usr/bin/env bash
# Presses Ctrl+C, and closes the terminal, while a release runs on one: the shop still serves, the log says Cancelled, and the same command
# carries on to the same end. The last line is "points N, good N".
#   --full        every moment instead of a fixed sample
#   NAME ...      only these moments
set -uo pipefail
state=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/artifacts/rehearsal/interrupt
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export DEPLOYOPS_HOME=$state/deployops TERM=xterm

# name|how|the phase that is cancelled|the version that serves then|what the journal says just before
readonly moments=(
    'ctrl-c-in-rollout|key|Rollout|2.3.0|"kind":"Outcome".*"target":"deploy/green-1"'
    'ctrl-c-in-watch|key|Monitoring|2.4.0|"kind":"CheckIn".*Look 1:'
    'closed-in-rollout|hangup|Rollout|2.3.0|"kind":"Intent".*"target":"deploy/green-2"'
    'closed-in-watch|hangup|Monitoring|2.4.0|"kind":"CheckIn".*Look 1:'
    'ctrl-c-in-rehearsal|key|Monitoring||"kind":"CheckIn".*Look 1:'
)
readonly sample=' ctrl-c-in-watch closed-in-rollout '

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
    if [[ $1 == key ]]; then
        printf '\003' >&7
    else
        # Disowned, or the shell would tell of its death.
        disown "$terminal"
        kill -9 "$terminal"
    fi
    wait_for_end "$running" 30 || { complaints+=('the host did not end within 30 s'); kill -9 "$running"; }
    wait "$terminal" 2>/dev/null
    code=$?
    close_terminal
    if [[ $1 == key && $code != 130 ]]; then complaints+=("the host ended with $code, not 130"); fi
}

carry_on() {
    run_host "$state/release.ps1" >>"$state/host.log" 2>&1
    local code=$? wrong
    (( code == 0 )) || complaints+=("the same command ended with $code: $(tail -5 "$state/host.log" | tr '\n' ' ')")
    [[ $(edge_version) == 2.4.0 ]] || complaints+=("the edge serves '$(edge_version)', not 2.4.0")
    [[ $(failed_requests) == 0 ]] || complaints+=("$(failed_requests) requests failed")
    wrong=$(run_host "$root/tests/Rehearsal/check-log.ps1" -State "$state" -Expected Completed 2>&1) || complaints+=("${wrong:-check-log.ps1 failed}")
}

try_moment() {
    local name=$1 how=$2 phase=$3 version=$4 until=$5 code terminal running complaints=()
    reset_state >/dev/null || complaints+=('what ran before does not end')
    if [[ $name == *rehearsal ]]; then
        open_terminal "$root/examples/shop/rehearse.ps1" -State "$state" -Watch 00:00:10
    else
        run_host "$root/tests/Rehearsal/Start-Shop.ps1" -State "$state" -Watch 00:00:10 >>"$state/host.log" 2>&1 || complaints+=("the shop does not start: $(tail -3 "$state/host.log")")
        open_terminal "$state/release.ps1"
    fi
    wait_for_line "$until" "$running" || complaints+=("the moment never came: $(tail -3 "$state/terminal.log" | tr '\n' ' ')")
    interrupt_terminal "$how"
    grep -qE "\"kind\":\"PhaseEnded\".*\"phase\":\"$phase\".*\"outcome\":\"Cancelled\"" "$(journal)" || complaints+=("the log does not say that $phase was cancelled")
    if [[ $name == *rehearsal ]]; then
        for process in edge load "${instances[@]}"; do alive "$process" && complaints+=("$process still runs"); done
    else
        [[ $(edge_version) == "$version" ]] || complaints+=("after the interruption the edge served '$(edge_version)', not $version")
        carry_on
    fi
    tell_point "$name" "${complaints[@]}"
    (( ${#complaints[@]} == 0 )) || keep_evidence "$name"
}

trap 'reset_state >/dev/null' EXIT
seed_releases
for moment in "${moments[@]}"; do
    IFS='|' read -r name how phase version until <<<"$moment"
    if [[ $chosen == all || $chosen == *" $name "* ]]; then try_moment "$name" "$how" "$phase" "$version" "$until"; fi
done
tell_end
