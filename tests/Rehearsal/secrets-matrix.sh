#!/usr/bin/env bash
# Plants fifty secrets wherever one can stand, lets a release that succeeds, some that fail and one that is killed carry them through every channel, and
# searches all that DeployOps wrote and showed, and the arguments of every process, for each of them in every form. A point is one secret in one
# scenario: good where it was seen to travel and is found nowhere. The last line is "points N, good N".
#   --full        more ways to fail than the sample has
#   NAME ...      only these scenarios: success, failure, crash
set -uo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export TERM=xterm
scripts=$root/tests/Rehearsal
ways=(validation smoke log)
if [[ ${1-} == --full ]]; then export DEPLOYOPS_FULL=1; shift; fi
[[ -z ${DEPLOYOPS_FULL-} ]] || ways+=(throw inner child)
scenarios=("$@")
(( $# > 0 )) || scenarios=(success failure crash)
server='' sampler='' mail=''

stop_helpers() {
    local id
    for id in $server $sampler $mail; do
        # The server waits for a request, in which no stop reaches it.
        kill -9 "$id" 2>/dev/null
        wait "$id" 2>/dev/null
    done
    server='' sampler='' mail=''
}

# The arguments of every process, over and over, each list once: what is written down has to be searched for every form of every secret.
sample_arguments() {
    exec 2>/dev/null
    local file id list text told=()
    while true; do
        for file in /proc/[0-9]*/cmdline; do
            list=()
            mapfile -d '' list <"$file"
            printf -v text '%s\n' "${list[@]}"
            id=${file//[^0-9]/}
            if [[ $text != "${told[id]-}" ]]; then
                told[id]=$text
                printf '%s\n' "$text"
            fi
        done
        sleep 0.1
    done >>"$state/arguments.log"
}

# Runs a script on a terminal, where progress is drawn; all that it shows is kept.
run_shown() {
    local words
    printf -v words '%q ' "$dotnet" "$host" -NonInteractive "$@"
    script -qec "$words" /dev/null </dev/null >>"$state/terminal.log" 2>&1
}

# Below those of the shops, which others start meanwhile.
free_port() {
    local port
    while true; do
        port=$((10000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

prepare() {
    local port mail_port
    port=$(free_port)
    mail_port=$(free_port)
    reset_state >/dev/null || { echo 'what ran before does not end'; return 1; }
    run_host "$scripts/Start-Shop.ps1" -State "$state" -Watch 00:00:02 -Brief -Load 45 >>"$state/host.log" 2>&1 || { tail -3 "$state/host.log"; return 1; }
    # The shop has to do without them: what it logs is its own affair.
    run_host "$scripts/plant-secrets.ps1" -State "$state" -Port "$port" -MailPort "$mail_port" >>"$state/host.log" 2>&1 || { tail -3 "$state/host.log"; return 1; }
    sqlite3 -cmd ".timeout 10000" "$state/shop.db" <"$state/planted/plant.sql" || return 1
    "$dotnet" "$host" -NonInteractive "$scripts/secrets-server.ps1" -State "$state" -Port "$port" >>"$state/host.log" 2>&1 &
    server=$!
    wait_for_file "$state/planted/server.ready" "$server" || { tail -3 "$state/host.log"; return 1; }
    # shellcheck disable=SC1091
    source "$state/planted/environment.sh"
    aiosmtpd -n -l "127.0.0.1:$mail_port" -c aiosmtpd.handlers.Mailbox "$state/mailbox" >>"$state/host.log" 2>&1 &
    mail=$!
    sample_arguments &
    sampler=$!
    SUDO_USER=release-lead run_host "$scripts/secrets-approve.ps1" -State "$state" >>"$state/terminal.log" 2>&1 || { tail -3 "$state/terminal.log"; return 1; }
}

ended_with() { [[ $1 == "$2" ]] || echo "$3 ended with $1, not $2: $(tail -5 "$state/terminal.log" | tr '\n|' ' !')"; }

try_success() {
    run_shown "$state/release.ps1" -Part Release
    ended_with $? 0 'the release'
    [[ $(edge_version) == 2.4.0 ]] || echo "the edge serves '$(edge_version)', not 2.4.0"
    run_shown "$scripts/secrets-colleague.ps1" -State "$state"
    ended_with $? 0 'the note'
}

try_failure() {
    run_shown "$state/release.ps1" -Part Fail -Ways "${ways[*]}"
    ended_with $? 0 'the failing releases'
    [[ $(grep -ac 'the window is RolledBack' "$state/terminal.log") == "${#ways[@]}" ]] || echo "not ${#ways[@]} releases went back: $(grep -a 'the window is' "$state/terminal.log" | tr '\r\n|' '  !')"
    run_shown "$scripts/secrets-colleague.ps1" -State "$state" -End
    ended_with $? 0 'going back'
    [[ $(edge_version) == 2.3.0 ]] || echo "the edge serves '$(edge_version)', not 2.3.0"
}

try_crash() {
    local process
    echo -n crash >"$state/mode"
    "$dotnet" "$host" -NonInteractive "$state/release.ps1" -Part Release >>"$state/terminal.log" 2>&1 &
    process=$!
    # It comes late in a release, so it gets twice the patience.
    wait_for_file "$state/planted/crash" "$process" || wait_for_file "$state/planted/crash" "$process" || echo 'the moment of the kill never came'
    kill -9 "$process"
    wait "$process" 2>/dev/null
    run_shown "$scripts/secrets-colleague.ps1" -State "$state"
    ended_with $? 0 'the note'
    run_shown "$state/release.ps1" -Part Release
    ended_with $? 0 'the same command'
    [[ $(edge_version) == 2.4.0 ]] || echo "the edge serves '$(edge_version)', not 2.4.0"
}

try_scenario() {
    local scenario=$1 parts=() complaints=() told=$points
    if prepare >"$state.wrong"; then "try_$scenario" >>"$state.wrong" 2>&1; fi
    stop_helpers
    mapfile -t complaints <"$state.wrong"
    run_host "$scripts/search-secrets.ps1" -State "$state" -Scenario "$scenario" >"$state.found" 2>&1
    while IFS='|' read -r -a parts; do
        tell_point "$scenario ${parts[0]}" "${complaints[@]}" "${parts[@]:1}"
        (( ${#complaints[@]} == 0 )) || complaints=('the scenario went wrong, see above')
    done <"$state.found"
    (( points - told == 50 )) || tell_point "$scenario" "it told of $((points - told)) secrets, not 50" "${complaints[@]}"
}

# Runs a scenario in a state folder of its own.
run_scenario() {
    # Not local: the trap needs them when the function is left.
    state=$root/artifacts/rehearsal/secrets-$1
    export DEPLOYOPS_HOME=$state/deployops
    trap 'stop_helpers; run_host "$root/examples/shop/stop.ps1" -State "$state" >/dev/null' EXIT
    # What was counted before is not this scenario's.
    points=0 good=0
    seed_releases
    try_scenario "$1"
    tell_end "$1: "
}

outputs=$(mktemp -d)
trap 'rm -rf "$outputs"' EXIT
mapfile -t flaws < <(run_host "$scripts/search-secrets.ps1" -State "$outputs" -Prove 2>&1 || echo 'the proof of the search ended with an error')
tell_point 'the search finds what is there' "${flaws[@]}"
# One at a time: tests/run.sh has the kill matrix beside it, and more would starve the load, whose evidence the release is judged by.
for scenario in "${scenarios[@]}"; do
    (run_scenario "$scenario") </dev/null >"$outputs/$scenario" 2>&1
    cat "$outputs/$scenario"
    read -r _ _ tried _ passed < <(tail -1 "$outputs/$scenario")
    if [[ ${tried-} =~ ^[0-9]+,$ && ${passed-} =~ ^[0-9]+$ ]]; then points=$((points + ${tried%,})) good=$((good + passed)); else tell_point "$scenario" 'it ended without a sum'; fi
done
tell_end
