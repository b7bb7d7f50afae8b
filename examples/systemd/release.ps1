# Takes the service to the release its plan names. Run again after an interruption, it carries on.
# Exit code: 0 released, 1 not finished, 3 back on the old release, 4 going back failed.
$ErrorActionPreference = 'Stop'

$window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
$window
try {
    $window | Invoke-DbMigration
    $window | Invoke-Rollout
    $window | Test-Smoke
    $window | Watch-DeploymentHealth
    $window | Complete-DeploymentWindow
}
catch {
    $failure = $_
    if ((Get-DeploymentWindow -Id $window.Id).State -eq 'RollingBack') {
        try { $window | Invoke-Rollback } catch { $failure = $_ }
    }
    $code = @{ RolledBack = 3; RollbackFailed = 4 }["$((Get-DeploymentWindow -Id $window.Id).State)"]
    if (-not $code) { throw $failure }
    "$failure"
    exit $code
}
