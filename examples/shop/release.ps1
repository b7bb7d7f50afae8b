# Takes the shop to the release its plan names. Run again after an interruption, it carries on.
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
    # A phase that fails goes back by itself, as the plan says.
    switch ((Get-DeploymentWindow -Id $window.Id).State) {
        'RolledBack' { exit 3 }
        'RollbackFailed' { exit 4 }
        default { throw }
    }
}
