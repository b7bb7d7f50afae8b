# What goes wrong beside a release, once it has moved all traffic: somebody clears the old release away, and one of its instances dies. What is cleared
# away lies in the state folder, with the mark that it was published: where it is not put back, the next rehearsal publishes it again.
param([Parameter(Mandatory)][string]$State)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/../../examples/shop/processes.ps1"

$journal = "$State/deployops/shop/rehearsal/windows/shop-2.4.0-1/journal.jsonl"
$moment = '"kind":"PhaseEnded".*"phase":"Rollout"'
$deadline = [System.DateTime]::UtcNow.AddMinutes(3)
while (-not [System.IO.File]::Exists($journal) -or [System.IO.File]::ReadAllText($journal) -notmatch $moment) {
    if ([System.DateTime]::UtcNow -gt $deadline) { throw "The journal never said $moment." }
    [System.Threading.Thread]::Sleep(20)
}
[System.IO.File]::Move("$State/releases/source", "$State/source.away")
[System.IO.File]::Move("$State/releases/2.3.0/Shop.dll", "$State/Shop.dll.away")
Stop-Run "$State/run/blue-1.json" 'KILL'
