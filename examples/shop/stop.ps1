# Stops every process of a rehearsal's state folder. A release that was not finished can be carried on with afterwards.
param([Parameter(Mandatory)][string]$State)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/processes.ps1"

Stop-EveryRun $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($State)
