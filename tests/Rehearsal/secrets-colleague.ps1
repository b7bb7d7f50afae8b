# What a colleague types in a second terminal while he quotes secrets: a note and a notice, and with -End a reason to stop and one to go back. Then the report, exported.
param([Parameter(Mandatory)][string]$State, [switch]$End)
$ErrorActionPreference = 'Stop'

$words = [System.IO.File]::ReadAllText("$State/planted/note.txt")
$window = @(Get-DeploymentWindow)[0]
$window | Add-DeploymentNote -Issue $words -Resolution $words -WhatIf
$window | Send-DeploymentNotice $words -WhatIf
if ($End) {
    $window | Stop-DeploymentWindow -Reason $words -Confirm:$false
    $window | Invoke-Rollback -Database Keep -Reason $words -Confirm:$false
}
$window | Add-DeploymentNote -Issue $words -Resolution $words
$window | Send-DeploymentNotice $words -Audience Team, Stakeholders
$window | Get-DeploymentLog | ForEach-Object { "$($_.Message)" }
$window | Export-DeploymentReport -Path "$State/exported-report.html"
$window | Export-DeploymentReport -Path "$State/exported-report.md"
