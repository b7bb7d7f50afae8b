#!/usr/bin/env bash
# The test command: installs what the tests need, builds with warnings as errors, checks the format, runs every test project, the
# rehearsals and the matrices of interruptions. Its last line is "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed and something ran.
#   --no-install  do not install packages
#   --full        run the long matrices whole instead of a fixed sample (sets DEPLOYOPS_FULL=1)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly packages=(strace:strace script:bsdutils systemd-analyze:systemd setsid:util-linux kill:procps curl:curl sqlite3:sqlite3 aiosmtpd:python3-aiosmtpd /usr/lib/postgresql/15/bin/postgres:postgresql-15 pgbouncer:pgbouncer /usr/sbin/mariadbd:mariadb-server)
# A project that takes longer hangs; the whole run has to end well before CI's patience does. With --full some take hours, and whoever started it sees that.
project_timeout=20m
# The processes of a rehearsal live for seconds: to compile again what they call often costs a third of their time and pays nothing back.
readonly short_lived=(env DOTNET_TC_CallCountingDelayMs=60000)

install=yes
for argument in "$@"; do
    case $argument in
        --no-install) install=no ;;
        --full) export DEPLOYOPS_FULL=1 project_timeout=12h ;;
        *) echo "Unknown option '$argument'. Usage: tests/run.sh [--no-install] [--full]" >&2; exit 64 ;;
    esac
done

# Build servers would outlive the run.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1
# What children of tests would draw is not wanted in a log.
export TERM="${TERM:-dumb}"

passed=0 failed=0 skipped=0
scratch=$(mktemp -d)

finish() {
    rm -rf "$scratch"
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed -eq 0 && $passed -gt 0 ]] && exit 0
    exit 1
}

heading() { printf '\n== %s (at %d s)\n' "$1" "$SECONDS"; }

fail() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$1"
}

check_sdk() {
    heading 'SDK'
    if dotnet --version; then return; fi
    fail 'the .NET SDK that global.json asks for is not installed: https://dotnet.microsoft.com/download'
    finish
}

install_packages() {
    local pair missing=()
    for pair in "${packages[@]}"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    [[ ${#missing[@]} -eq 0 ]] && return
    heading "Packages: ${missing[*]}"
    if [[ $install == no ]]; then
        echo 'not installed (--no-install); tests that need them are skipped'
    elif [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
        echo "not installed: needs root and apt-get. Run: sudo apt-get install ${missing[*]}"
    else
        # The servers of the tests are their own; those of the distribution are not started by their packages.
        local policy=/usr/sbin/policy-rc.d own_policy=no
        if [[ ! -e $policy ]]; then
            own_policy=yes
            printf '#!/bin/sh\nexit 101\n' >"$policy"
            chmod +x "$policy"
        fi
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null ||
            fail "apt-get could not install ${missing[*]}"
        [[ $own_policy == yes ]] && rm -f "$policy"
        return 0
    fi
}

build() {
    heading 'Build'
    # One compiler for all projects, which starts once; it ends with the build.
    dotnet build DeployOps.sln -warnaserror -m:2 --nologo -v quiet -p:UseSharedCompilation=true
    local code=$?
    dotnet build-server shutdown --vbcscompiler >/dev/null
    if [[ $code -eq 0 ]]; then return; fi
    fail 'the solution does not build without warnings'
    finish
}

# Of the format, the build has reported all but white space and the order of usings. Neither needs a project: to load them all costs more than to look.
check_format() {
    dotnet format whitespace . --folder --exclude '**/obj/**' --verify-no-changes || fail 'dotnet format whitespace would change files'
    find src tests examples -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*' -print0 | xargs -0 awk '
        FNR == 1 { last = "" }
        /^using [A-Za-z][A-Za-z0-9_.]*;/ {
            key = ($2 ~ /^System[.;]/ ? 0 : 1) tolower($2)
            gsub(/[.;]/, "\001", key)
            if (key < last) { print FILENAME ": " $0; unsorted = 1 }
            last = key
        }
        END { exit unsorted }' || fail 'usings are sorted by name, those of System first'
}

# Adds up a report's counts; $1 is what ran, $2 its exit code, $3 to $5 its passed, failed and skipped tests (empty where it told none).
count() {
    if [[ ! $3 =~ ^[0-9]+$ || ! $4 =~ ^[0-9]+$ || ! $5 =~ ^[0-9]+$ ]]; then
        fail "$1 ended with exit code $2 and no summary"
        return
    fi
    passed=$((passed + $3)) failed=$((failed + $4)) skipped=$((skipped + $5))
    if [[ $2 -ne 0 && $4 -eq 0 ]]; then fail "$1 ended with exit code $2 though it told of no failed test"; fi
}

run_project() {
    local name code
    name=$(basename "$1" .csproj)
    heading "$name"
    test_project "$1" 2>&1 | tee "$scratch/$name.txt"
    code=${PIPESTATUS[0]}
    count_project "$name" "$code"
}

test_project() { timeout --kill-after=30s "$project_timeout" dotnet run --project "$1" --no-build -- -noColor -noLogo; }

count_project() {
    local name=$1 code=$2 last
    last=$(grep -E '^ *[A-Za-z.]+ +Total: ' "$scratch/$name.txt" | tail -1)
    if [[ $last =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+),\ Not\ Run:\ ([0-9]+) ]]; then
        local total=${BASH_REMATCH[1]} errors=${BASH_REMATCH[2]} failures=${BASH_REMATCH[3]}
        local skips=$((BASH_REMATCH[4] + BASH_REMATCH[5]))
        count "$name" "$code" $((total - failures - skips)) $((failures + errors)) "$skips"
    else
        count "$name" "$code" '' '' ''
    fi
}

# Begins in the background what needs no terminal, one after the other: the format, then these test projects. What the rehearsals wait for, servers and
# the clock, leaves a core idle; all at once would make what measures time wait for others. Each leaves what it said and its exit code in the scratch folder.
begin_beside() {
    {
        check_format >"$scratch/format.txt" 2>&1
        local project name
        for project in "$@"; do
            name=$(basename "$project" .csproj)
            test_project "$project" >"$scratch/$name.txt" 2>&1
            echo "$?" >"$scratch/$name.code"
        done
    } &
    beside=$!
}

# Waits for it, and tells of it.
end_beside() {
    local project name
    wait "$beside"
    heading 'Format'
    cat "$scratch/format.txt"
    failed=$((failed + $(grep -c '^FAILED: ' "$scratch/format.txt")))
    for project in "$@"; do
        name=$(basename "$project" .csproj)
        heading "$name"
        cat "$scratch/$name.txt"
        count_project "$name" "$(cat "$scratch/$name.code")"
    done
}

# Carries out one file of rehearsals after another that nobody has begun, in a state folder of this name.
rehearse() {
    local file name
    # What is longest comes first, so that all end at about the same time.
    for file in $(ls -S tests/Rehearsal/*.Tests.ps1); do
        name=$(basename "$file" .Tests.ps1)
        mkdir "$scratch/begun.$name" 2>/dev/null || continue
        REHEARSAL_STATE=$1 timeout --kill-after=30s "$project_timeout" "${short_lived[@]}" \
            dotnet src/DeployOps.Host/bin/Debug/net10.0/DeployOps.Host.dll tests/Rehearsal/Invoke-Rehearsal.ps1 "$file" >"$scratch/$name.txt" 2>&1
        echo "$?" >"$scratch/$name.code"
    done
}

# Three at a time: a release waits most of its time.
run_rehearsals() {
    local file name last before=("$passed" "$failed" "$skipped") workers=()
    heading 'Rehearsals'
    for name in pester pester-2 pester-3; do
        rehearse "$name" &
        workers+=($!)
    done
    wait "${workers[@]}"
    for file in tests/Rehearsal/*.Tests.ps1; do
        name=$(basename "$file" .Tests.ps1)
        cat "$scratch/$name.txt"
        last=$(tail -1 "$scratch/$name.txt")
        if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
            count "$name" "$(cat "$scratch/$name.code")" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
        else
            count "$name" "$(cat "$scratch/$name.code")" '' '' ''
        fi
    done
    echo "Rehearsals: $((passed - before[0])) passed, $((failed - before[1])) failed, $((skipped - before[2])) skipped"
}

run_matrix() {
    timeout --kill-after=60s "$project_timeout" "${short_lived[@]}" "tests/Rehearsal/$1.sh" >"$scratch/$1.txt" 2>&1
    echo "$?" >"$scratch/$1.code"
}

# Runs matrices at the same time and tells of one after another. A matrix prints "points N, good N": a point is a test.
run_matrices() {
    local name tool last begun=()
    heading "$*"
    for tool in script curl strace sqlite3; do
        if ! command -v "$tool" >/dev/null; then
            echo "skipped: $tool is not installed"
            skipped=$((skipped + $#))
            return
        fi
    done
    if (( $# == 1 )); then
        # What a shell starts in the background is deaf to Ctrl+C.
        run_matrix "$1"
    else
        for name in "$@"; do
            run_matrix "$name" &
            begun+=($!)
        done
        wait "${begun[@]}"
    fi
    for name in "$@"; do
        printf -- '-- %s\n' "$name"
        cat "$scratch/$name.txt"
        last=$(tail -1 "$scratch/$name.txt")
        if [[ $last =~ ^points\ ([0-9]+),\ good\ ([0-9]+)$ ]]; then
            count "$name" "$(cat "$scratch/$name.code")" "${BASH_REMATCH[2]}" $((BASH_REMATCH[1] - BASH_REMATCH[2])) 0
        else
            count "$name" "$(cat "$scratch/$name.code")" '' '' ''
        fi
    done
}

check_sdk
install_packages
build
readonly quiet=(tests/DeployOps.Core.Tests/DeployOps.Core.Tests.csproj tests/DeployOps.Adapters.Tests/DeployOps.Adapters.Tests.csproj)
begin_beside "${quiet[@]}"
# Not in the background: what a shell starts there is deaf to Ctrl+C, which the cmdlets' tests press.
for project in tests/*.Tests/*.csproj; do [[ " ${quiet[*]} " == *" $project "* ]] || run_project "$project"; done
run_rehearsals
end_beside "${quiet[@]}"
# The first measures how soon a prompt is back, so that nothing runs beside it.
run_matrices interrupt-matrix
mapfile -t others < <(basename --suffix=.sh --multiple tests/Rehearsal/*-matrix.sh | grep -vx interrupt-matrix)
run_matrices "${others[@]}"
heading 'Summary'
finish
