# Sets the sample shop up on 2.3.0 and approves its plan as a second identity, so that the runbook in the state folder can be run by itself.
param(
    [Parameter(Mandatory)][string]$State,
    [string]$Fault = '',
    [int]$Load = 20,
    [timespan]$Watch = '00:00:20',    # How long the plan says to watch.
    [string]$Runbook = ''             # A file whose text replaces the runbook's.
)
$ErrorActionPreference = 'Stop'
$shop = "$PSScriptRoot/../../examples/shop"
. "$shop/processes.ps1"
. "$shop/setup.ps1"

$State = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($State)
[System.IO.Directory]::CreateDirectory($State) | Out-Null
Initialize-Shop $State $Fault $Load $Watch
if ($Runbook) { [System.IO.File]::Copy($Runbook, "$State/release.ps1", $true) }
$env:SUDO_USER = 'release-lead'
Approve-DeploymentPlan "$State/plan.psd1" | Out-Null
