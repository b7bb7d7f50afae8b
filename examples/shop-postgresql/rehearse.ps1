# Takes the sample shop from 2.3.0 to 2.4.0 on PostgreSQL: a primary and a streaming replica, which it makes, starts and stops itself.
# Parameters, exit code and carrying on are those of ../shop/rehearse.ps1.
param(
    [string]$State = "$PSScriptRoot/state",
    [ValidateSet('', 'checkout-500', 'slow', 'crash-on-start', 'wrong-version', 'late-errors', 'fewer-orders', 'new-errors')][string]$Fault = '',
    [ValidateSet('BlueGreen', 'Rolling')][string]$Strategy = 'BlueGreen',
    [ValidateRange(0, 1000)][int]$Load = 20,    # Requests a second. 0 sends none, and monitoring then lacks its evidence.
    [timespan]$Watch = '00:00:20',              # How long the release is monitored.
    [switch]$KeepRunning
)
$ErrorActionPreference = 'Stop'

& "$PSScriptRoot/../shop/rehearse.ps1" -State $State -Fault $Fault -Strategy $Strategy -Load $Load -Watch $Watch -KeepRunning:$KeepRunning -Example $PSScriptRoot
exit $LASTEXITCODE
