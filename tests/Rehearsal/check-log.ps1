# Judges the journal of an interrupted release that was carried on: one window, in the state it should be in, an intact log, and each
# step done once. Says what is wrong, a line each, with exit code 1; or else how the window, its phases and its steps ended, which two runs to one end have alike.
# A phase that went back by itself is none of them: killed on the way, it is not begun again, and the rollback alone comes to its end.
param([Parameter(Mandatory)][string]$State, [Parameter(Mandatory)][string]$Expected)
$ErrorActionPreference = 'Stop'
$env:DEPLOYOPS_HOME = "$($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($State))/deployops"

$wrong = [System.Collections.Generic.List[string]]::new()
$windows = @(Get-DeploymentWindow)
if ($windows.Count -ne 1) { $wrong.Add("there are $($windows.Count) windows, not 1") }
$window = $windows[0]
if ("$($window.State)" -ne $Expected) { $wrong.Add("the window is $($window.State), not $Expected") }
if (-not ($window | Test-DeploymentLog).IsIntact) { $wrong.Add('the log is not intact') }
if (-not [System.IO.File]::Exists($window.ReportPath)) { $wrong.Add('there is no report') }

$done = @{}
$undone = @{}
$last = @{}
foreach ($record in $window | Get-DeploymentLog -Kind Intent, Outcome) {
    $last[$record.Target] = "$($record.Data['state'])"
    switch ("$($record.Data['state'])") {
        'Done' { $done[$record.Target] = 1 + $done[$record.Target] }
        'Undone' { $undone[$record.Target] = 1 + $undone[$record.Target] }
    }
}
foreach ($step in $last.Keys) {
    if ($Expected -ne 'RolledBack' -and $done[$step] -ne 1) { $wrong.Add("$step was done $([int]$done[$step]) times, not once") }
    if ($undone[$step] -gt 1) { $wrong.Add("$step was undone $($undone[$step]) times") }
}
if ($Expected -ne 'RolledBack' -and -not ($last.Keys -match '^(traffic$|admit/)')) { $wrong.Add('traffic was never moved') }

$ends = @{}
foreach ($record in $window | Get-DeploymentLog -Kind PhaseEnded) {
    if ("$($record.Data['outcome'])" -eq 'Succeeded' -or ("$($record.Phase)" -eq 'Rollback' -and "$($record.Data['outcome'])" -eq 'RolledBack')) { $ends["$($record.Phase)"] = 1 + $ends["$($record.Phase)"] }
}
foreach ($phase in $ends.Keys) { if ($ends[$phase] -ne 1) { $wrong.Add("$phase succeeded $($ends[$phase]) times") } }

if ($wrong.Count) { $wrong; exit 1 }
"window $($window.State)"
foreach ($phase in [System.Linq.Enumerable]::Order([string[]]$ends.Keys)) { "phase $phase" }
foreach ($step in [System.Linq.Enumerable]::Order([string[]]$last.Keys)) { "step $step $($last[$step])" }
