# The runbook of the incident rehearsal: before each phase somebody freezes releases, then somebody opens an issue, each time the phase is refused, and it
# runs once both are over. Before the rollout GitHub is away for once.
$ErrorActionPreference = 'Stop'
$freeze = "$PSScriptRoot/freeze.json"
$issues = "$PSScriptRoot/github/issues.txt"
$away = "$PSScriptRoot/github/away.txt"
$until = [datetimeoffset]::UtcNow.AddHours(1).ToString('o')

function Invoke-Refused([string]$Name, [scriptblock]$Phase) {
    try {
        & $Phase | Out-Null
        "$Name went on"
    }
    catch { "$Name was refused: $($_.FullyQualifiedErrorId -replace ',.*'): $("$_" -replace '(?s)\r?\n.*')" }
}

function Invoke-Twice([string]$Name, [scriptblock]$Phase) {
    [System.IO.File]::WriteAllText($freeze, "{ `"reason`": `"the payment provider is down`", `"until`": `"$until`" }")
    Invoke-Refused $Name $Phase
    [System.IO.File]::Delete($freeze)
    [System.IO.File]::WriteAllText($issues, "payments fail`n")
    Invoke-Refused $Name $Phase
    [System.IO.File]::WriteAllText($issues, '')
}

Invoke-Twice Preparation { Start-DeploymentWindow "$PSScriptRoot/plan.psd1" }
$window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
Invoke-Twice Migration { $window | Invoke-DbMigration }
$window | Invoke-DbMigration
Invoke-Twice Rollout { $window | Invoke-Rollout }
[System.IO.File]::WriteAllText($away, '')
Invoke-Refused Rollout { $window | Invoke-Rollout }
[System.IO.File]::Delete($away)
$window | Invoke-Rollout
Invoke-Twice Smoke { $window | Test-Smoke }
$window | Test-Smoke
Invoke-Twice Monitoring { $window | Watch-DeploymentHealth }
$window | Watch-DeploymentHealth
Invoke-Twice Completion { $window | Complete-DeploymentWindow }
$window | Complete-DeploymentWindow
