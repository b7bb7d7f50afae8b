# The runbook of the incident rehearsal: before each phase somebody freezes releases, the phase is refused, and it runs once the freeze is lifted.
$ErrorActionPreference = 'Stop'
$freeze = "$PSScriptRoot/freeze.json"
$until = [datetimeoffset]::UtcNow.AddHours(1).ToString('o')

function Invoke-Refused([string]$Name, [scriptblock]$Phase) {
    [System.IO.File]::WriteAllText($freeze, "{ `"reason`": `"the payment provider is down`", `"until`": `"$until`" }")
    try {
        & $Phase | Out-Null
        "$Name went on"
    }
    catch { "$Name was refused: $($_.FullyQualifiedErrorId -replace ',.*'): $("$_" -replace '(?s)\r?\n.*')" }
    [System.IO.File]::Delete($freeze)
}

Invoke-Refused Preparation { Start-DeploymentWindow "$PSScriptRoot/plan.psd1" }
$window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
Invoke-Refused Migration { $window | Invoke-DbMigration }
$window | Invoke-DbMigration
Invoke-Refused Rollout { $window | Invoke-Rollout }
$window | Invoke-Rollout
Invoke-Refused Smoke { $window | Test-Smoke }
$window | Test-Smoke
Invoke-Refused Monitoring { $window | Watch-DeploymentHealth }
$window | Watch-DeploymentHealth
Invoke-Refused Completion { $window | Complete-DeploymentWindow }
$window | Complete-DeploymentWindow
