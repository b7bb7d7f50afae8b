# Stops every process of a rehearsal's state folder: the load first, then the edge, then the instances.
param([Parameter(Mandatory)][string]$State)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/processes.ps1"

$run = [System.IO.Path]::Combine($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($State), 'run')
if ([System.IO.Directory]::Exists($run)) {
    $others = [System.IO.Directory]::GetFiles($run, '*.json') | Where-Object { [System.IO.Path]::GetFileName($_) -notin 'load.json', 'edge.json' }
    foreach ($file in @("$run/load.json", "$run/edge.json") + $others) { Stop-Run $file }
}
