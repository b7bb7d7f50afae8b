# Sets the sample shop up on release 2.3.0, takes it to 2.4.0 by release.ps1, and passes its exit code on.
# Run again after it was killed, it carries on with the same release; when that has ended, it starts afresh from 2.3.0.
param(
    [string]$State = "$PSScriptRoot/state",
    [ValidateSet('', 'checkout-500', 'slow', 'crash-on-start', 'wrong-version', 'late-errors', 'fewer-orders', 'new-errors')][string]$Fault = '',
    [ValidateSet('BlueGreen', 'Rolling')][string]$Strategy = 'BlueGreen',
    [ValidateRange(0, 1000)][int]$Load = 20,    # Requests a second. 0 sends none, and monitoring then lacks its evidence.
    [timespan]$Watch = '00:00:20',              # How long the release is monitored.
    [switch]$KeepRunning,
    [string]$Example = $PSScriptRoot            # Another example of the same shop: its plan, migrations, validations and database.
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/processes.ps1"
. "$PSScriptRoot/setup.ps1" $Example

if (-not (Get-Module DeployOps)) { Import-Module "$PSScriptRoot/../../DeployOps.psd1" }
$State = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($State)
[System.IO.Directory]::CreateDirectory($State) | Out-Null
$homeBefore = $env:DEPLOYOPS_HOME
$env:DEPLOYOPS_HOME = "$State/deployops"

# Written when the set-up is complete, and says which window was the newest then; removed when the release has ended.
$begun = "$State/release.begun"
$code = 1
try {
    $last = @(Get-DeploymentWindow)[0]
    $unfinished = "$($last.State)" -in 'Open', 'RollingBack'
    $killed = [System.IO.File]::Exists($begun)
    if ($killed -or $unfinished) { Resume-Shop $State $Load }
    else {
        # What that release left is about to be replaced: the shop is set up afresh.
        if ("$($last.State)" -eq 'RollbackFailed') { $last | Stop-DeploymentWindow -Reason 'the shop is set up afresh' -Confirm:$false -WarningAction SilentlyContinue | Out-Null }
        Initialize-Shop $State $Fault $Load $Watch $Strategy
        $user = $env:SUDO_USER
        try {
            $env:SUDO_USER = 'release-lead'
            Approve-DeploymentPlan "$State/plan.psd1" | Out-Null
        }
        finally { $env:SUDO_USER = $user }
        Set-Text $begun "$($last.Id)"
    }

    if ($killed -and -not $unfinished -and [System.IO.File]::ReadAllText($begun) -ne "$($last.Id)") {
        # The earlier run was killed after its release had ended.
        $code = @{ Completed = 0; RolledBack = 3; RollbackFailed = 4 }["$($last.State)"] ?? 1
    }
    else {
        $global:LASTEXITCODE = 0
        & "$State/release.ps1"
        $code = $LASTEXITCODE
    }
}
finally {
    try {
        # Stopped before anything is said: after Ctrl+C nothing can be said any more.
        if (-not $KeepRunning) { Stop-EveryRun $State }
        [System.IO.File]::Delete($begun)
        $last = @(Get-DeploymentWindow)[0]
        if ($last) {
            "Execution log: $($last.LogPath)"; "Report: $($last.ReportPath)"
            "To look at it: `$env:DEPLOYOPS_HOME = '$("$State/deployops".Replace("'", "''"))'; Get-DeploymentWindow"
        }
        if ([System.IO.File]::Exists("$State/load.json")) {
            $report = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$State/load.json"))
            "Requests sent: $($report['sent']), failed: $($report['failed'])"
        }
    }
    # A terminal in which this was typed goes on with its own releases.
    finally { $env:DEPLOYOPS_HOME = $homeBefore }
}
exit $code
