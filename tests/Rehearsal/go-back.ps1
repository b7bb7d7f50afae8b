# What a second operator types while a release runs in another process, at the moment its journal says something. Tells how long it took from when
# the command was typed until the way back began; what loads the module was typed before.
param([Parameter(Mandatory)][string]$Journal, [Parameter(Mandatory)][string]$Moment)
$ErrorActionPreference = 'Stop'

Import-Module "$PSScriptRoot/../../DeployOps.psd1"
$deadline = [System.DateTime]::UtcNow.AddMinutes(3)
while (-not [System.IO.File]::Exists($Journal) -or [System.IO.File]::ReadAllText($Journal) -notmatch $Moment) {
    if ([System.DateTime]::UtcNow -gt $deadline) { throw "The journal never said $Moment." }
    [System.Threading.Thread]::Sleep(20)
}
$typed = [System.DateTimeOffset]::UtcNow
$window = Get-DeploymentWindow -Id shop-2.4.0-1
if ("$($window.State)" -ne 'Open') { throw "The window is $($window.State) already." }
$window | Invoke-Rollback -Reason 'the second operator goes back' -Confirm:$false
$began = @($window | Get-DeploymentLog -Kind PhaseStarted | Where-Object Phase -EQ 'Rollback')[0].Time
'took over after {0:0.0} s' -f ($began - $typed).TotalSeconds
