# One check-in of a window's extended monitoring: what a scheduler starts. It says what it found in one line and ends with
# 0 OK, 1 warning, 2 critical or 3 unknown, as monitoring plug-ins do; 3 also where no check-in could be made.
param([Parameter(Mandatory)][string]$Id)
$ErrorActionPreference = 'Stop'
try {
    if (-not (Get-Module DeployOps)) { Import-Module "$PSScriptRoot/../DeployOps.psd1" }
    $checkIn = Get-DeploymentWindow -Id $Id | Invoke-ExtendedMonitoring
}
catch {
    "$Id UNKNOWN: $_"
    exit 3
}
"$checkIn"
exit $checkIn.ExitCode
