# What the matrices of interruptions share: a shop of their own, hosts that can be found and killed, and what is right at the end.
# The caller sets `state` (the state folder) before he uses any of it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dotnet=${DOTNET_HOST_PATH:-dotnet}
host=$(find "$root/src/DeployOps.Host/bin" -name DeployOps.Host.dll -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-)
[[ -n $host ]] || { echo 'The host is not built: run dotnet build DeployOps.sln.' >&2; exit 1; }

# Waiting may take this many seconds on a busy machine; what takes longer hangs.
readonly patience=180

readonly instances=(blue-1 blue-2 green-1 green-2)

points=0 good=0

# Runs a script in a host of its own and waits for it.
run_host() { "$dotnet" "$host" -NonInteractive "$@"; }

journal() { ls -d "$state"/deployops/shop/rehearsal/windows/*/journal.jsonl 2>/dev/null | tail -1; }

# Waits until a line of the journal matches the pattern ($1), as long as the process ($2) lives.
wait_for_line() {
    local file end=$((SECONDS + patience))
    while (( SECONDS < end )); do
        file=$(journal)
        if [[ -n $file ]] && grep -qE "$1" "$file"; then return 0; fi
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.02
    done
    return 1
}

wait_for_file() {
    local end=$((SECONDS + patience))
    until [[ -e $1 ]]; do
        (( SECONDS < end )) && kill -0 "$2" 2>/dev/null || return 1
        sleep 0.02
    done
}

# Whether a process runs; one that has ended may wait for long until somebody asks how.
is_running() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != [ZX]* ]]
}

# Waits for a process of ours to end; $2 seconds at most.
wait_for_end() {
    local end=$((SECONDS + ${2:-$patience}))
    while is_running "$1"; do
        (( SECONDS < end )) || return 1
        sleep 0.02
    done
}

edge() { curl --silent --max-time 5 --noproxy '*' "$(cat "$state/edge.url")$1"; }
edge_version() { edge /version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1; }
failed_requests() { grep -oE '"failed": *[0-9]+' "$state/load.json" | grep -oE '[0-9]+'; }

# The process that a run file of the state folder names, and whether it is alive.
process_of() { grep -oE '"pid":[0-9]+' "$state/run/$1.json" | grep -oE '[0-9]+'; }
alive() {
    local id
    [[ -e $state/run/$1.json ]] && id=$(process_of "$1") && [[ -r /proc/$id/cmdline ]] && tr '\0' ' ' <"/proc/$id/cmdline" | grep -qF "$state/releases"
}

# Ends what runs and forgets everything but the published releases.
reset_state() {
    [[ -d $state ]] || { mkdir -p "$state"; return; }
    run_host "$root/examples/shop/stop.ps1" -State "$state" || return 1
    find "$state" -mindepth 1 -maxdepth 1 ! -name releases -exec rm -rf {} +
}

# Takes over what the Pester rehearsals published; what is out of date is published again.
seed_releases() {
    local other=$root/artifacts/rehearsal/pester/releases
    mkdir -p "$state"
    if [[ ! -d $state/releases && -e $other/source ]]; then cp -a "$other" "$state/"; fi
}

# Counts one point: $1 is its name, the rest are complaints, none where it is good.
tell_point() {
    local name=$1
    shift
    points=$((points + 1))
    if (( $# == 0 )); then
        good=$((good + 1))
        echo "  good: $name"
    else
        echo "  BAD:  $name"
        printf '        %s\n' "$@"
    fi
}

# Puts aside what a bad point ($1) left, to be looked at.
keep_evidence() {
    rm -rf "$state.$1"
    mkdir -p "$state.$1"
    cp -a "$state/deployops" "$state"/*.log "$state/load.json" "$state/logs" "$state.$1/" 2>/dev/null
}

# The last line; $1 is what stands before it.
tell_end() {
    echo "${1-}points $points, good $good"
    (( points > 0 && points == good ))
}
