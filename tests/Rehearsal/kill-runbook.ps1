# The runbook of the kill matrix: a release by its parts, so that each part can be killed and run again by itself.
param([Parameter(Mandatory)][ValidateSet('Release', 'Watched', 'Migrated', 'RollOut', 'RollOutAtOnce', 'RolledOut', 'Complete', 'GoBack', 'Restore')][string]$Part)
$ErrorActionPreference = 'Stop'

$window = if ($Part -in 'Release', 'Watched', 'Migrated', 'RolledOut') { Start-DeploymentWindow "$PSScriptRoot/plan.psd1" } else { Get-DeploymentWindow -Id shop-2.4.0-1 }
if ($Part -in 'Release', 'Watched', 'Migrated', 'RolledOut') { $window | Invoke-DbMigration }
if ($Part -in 'Release', 'Watched', 'RollOut', 'RolledOut') { $window | Invoke-Rollout }
if ($Part -eq 'RollOutAtOnce') { $window | Invoke-Rollout -ThrottleLimit 2 }
if ($Part -in 'Release', 'Watched') {
    $window | Test-Smoke
    $window | Watch-DeploymentHealth
}
if ($Part -in 'Release', 'Complete') { $window | Complete-DeploymentWindow }
if ($Part -eq 'GoBack') { $window | Invoke-Rollback -Database Down -Reason 'the kill matrix goes back' -Confirm:$false }
if ($Part -eq 'Restore') { $window | Invoke-Rollback -Database Restore -AcceptDataLoss -Reason 'the kill matrix restores' -Confirm:$false }
