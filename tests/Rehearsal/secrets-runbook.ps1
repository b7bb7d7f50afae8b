# The runbook of the matrix of secrets. Besides a release it tests a plan whose databases have passwords, and says of an error all that anybody may
# print of one.
param([Parameter(Mandatory)][ValidateSet('Release', 'Fail')][string]$Part, [string]$Ways = '')
$ErrorActionPreference = 'Stop'

function Write-Everything($Failure) {
    "$Failure"
    "$($Failure.Exception)"
    "$($Failure.ErrorDetails)"
    "$($Failure.TargetObject)"
    foreach ($property in $Failure.TargetObject.psobject.Properties) { "$($property.Name): $($property.Value)" }
    for ($cause = $Failure.Exception; $cause; $cause = $cause.InnerException) {
        "$($cause.GetType().Name): $($cause.Message)"
        if ($cause -is [System.Management.Automation.RuntimeException]) { "$($cause.ErrorRecord.TargetObject) $($cause.ErrorRecord.InvocationInfo.Line)" }
    }
}

function Write-Checks($Result) {
    $Result
    foreach ($check in $Result.Checks) { $check; "$($check.Message) $($check.Evidence)"; $check.Attempts | ForEach-Object { $_.Message } }
    foreach ($database in $Result.Databases) { $database.Validations | ForEach-Object { "$($_.Actual) $($_.SampleRows)" } }
}

function Invoke-Release {
    $window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
    $window
    Write-Checks ($window | Invoke-DbMigration)
    $window | Invoke-Rollout
    Write-Checks ($window | Test-Smoke)
    $window | Watch-DeploymentHealth
    $window | Complete-DeploymentWindow -Confirm:$false
    $window | Get-DeploymentLog
}

# A plan nobody could carry out: SQLite here knows no passwords. What it holds is known to the session from here on.
try { Test-DeploymentPlan "$PSScriptRoot/databases.psd1" } catch { Write-Everything $_ }
if ($Part -eq 'Release') {
    try { Invoke-Release } catch { Write-Everything $_; throw }
    return
}

function Approve-Again {
    $user = $env:SUDO_USER
    $env:SUDO_USER = 'release-lead'
    try { Approve-DeploymentPlan "$PSScriptRoot/plan.psd1" | Out-Null } finally { $env:SUDO_USER = $user }
}

# The validations that fail would fail on the restored backup, and no release would go back.
$plan = [System.IO.File]::ReadAllText("$PSScriptRoot/plan.psd1")
[System.IO.File]::WriteAllText("$PSScriptRoot/plan.psd1", $plan.Replace("Migrations = 'migrations';", "Migrations = 'migrations'; Rehearsal = 'None';"))

# One release after another that goes back, each for another reason.
foreach ($mode in $Ways.Split(' ')) {
    [System.IO.File]::WriteAllText("$PSScriptRoot/mode", $mode)
    if ($mode -eq 'validation') { & sqlite3 -cmd '.timeout 10000' "$PSScriptRoot/shop.db" ".read '$PSScriptRoot/planted/fail.sql'" }
    Approve-Again
    try { Invoke-Release; "$mode did not fail" } catch { Write-Everything $_ }
    $window = @(Get-DeploymentWindow)[0]
    "after $mode the window is $($window.State)"
    $window | Get-DeploymentLog
    if ($mode -eq 'validation') { & sqlite3 -cmd '.timeout 10000' "$PSScriptRoot/shop.db" ".read '$PSScriptRoot/planted/mend.sql'" }
}
# And one that others stop.
[System.IO.File]::Delete("$PSScriptRoot/mode")
Approve-Again
Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
