# Sets the sample shop up on 2.3.0 and approves its plan as a second identity, so that the runbook in the state folder can be run by itself.
# deploys.INSTANCE.log in the state folder then tells every call of the deploy script, which the journal does not have to be believed for:
# a file an instance, since two may be deployed at once.
param(
    [Parameter(Mandatory)][string]$State,
    [string]$Example = "$PSScriptRoot/../../examples/shop",
    [string]$Fault = '',
    [ValidateSet('BlueGreen', 'Rolling')][string]$Strategy = 'BlueGreen',
    [int]$Batch = 0,                  # How many instances a rolling release takes out of the traffic at a time. 0 leaves that to the plan.
    [int]$Load = 20,
    [timespan]$Watch = '00:00:20',    # How long the plan says to watch.
    [string]$Runbook = '',            # A file whose text replaces the runbook's.
    [ValidateSet('Keep', 'Down', 'Restore')][string]$Database = 'Keep',    # What going back does with the database.
    [switch]$Brief,                   # Probes every 0.2 s, takes the baseline in 2 s and looks every second.
    [ValidateSet('', 'Migration', 'Smoke', 'Completion')][string]$Slow = '',    # A phase that takes seconds, to be interrupted in.
    [int]$Channels = 0,               # The first of three ports: the team's webhook, mail and GitHub are there. 0 tells nobody.
    [int]$Issues = 0,                 # The port of GitHub, whose open issues are incidents. 0 asks the freeze file alone.
    [switch]$Resume                   # Only starts again what ran when the state folder was left.
)
$ErrorActionPreference = 'Stop'
$shop = "$PSScriptRoot/../../examples/shop"
. "$shop/processes.ps1"
. "$shop/setup.ps1" $Example

$State = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($State)
[System.IO.Directory]::CreateDirectory($State) | Out-Null
if ($Resume) { Resume-Shop $State $Load; return }

# Changes a text of a file in the state folder, which has to be there.
function Edit-Text([string]$Name, [string]$Old, [string]$New) {
    $text = [System.IO.File]::ReadAllText("$State/$Name")
    if (-not $text.Contains($Old)) { throw "$Name does not say '$Old' any more." }
    Set-Text "$State/$Name" $text.Replace($Old, $New)
}

Initialize-Shop $State $Fault $Load $Watch $Strategy
$begin = "`$ErrorActionPreference = 'Stop'`n"
$tell = @'
[System.IO.File]::AppendAllText("$PSScriptRoot/deploys.$($Instance.Name).log", "$($Instance.Name) $Version`n")
'@
Edit-Text deploy-instance.ps1 $begin "$begin$tell`n"
Edit-Text plan.psd1 "Database = 'Keep'" "Database = '$Database'"
if ($Batch) { Edit-Text plan.psd1 "Strategy = 'Rolling';" "Strategy = 'Rolling'; Batch = $Batch;" }
if ($Brief) {
    Edit-Text plan.psd1 "Interval = '00:00:02'; Baseline = '00:00:08'" "Interval = '00:00:01'; Baseline = '00:00:02'"
    Edit-Text plan.psd1 'Consecutive = 3' "Consecutive = 3; Interval = '00:00:00.2'"
}
switch ($Slow) {
    'Migration' {
        $script = "$State/migrations/V2_4_0_2__index_orders_by_status.sql"
        $count = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000000) SELECT count(*) FROM n;'
        Set-Text $script "$([System.IO.File]::ReadAllText($script))`n$count`n"
    }
    'Smoke' {
        Set-Text "$State/smoke/warm.hurl" @'
# Each instance has carried a hundred requests: the load needs some seconds for that.
GET {{host}}/metrics
[Options]
retry: 300
retry-interval: 100ms
HTTP 200
[Asserts]
body matches "http_request_duration_seconds_count [0-9]{3,}"
'@
    }
    'Completion' { Edit-Text deploy-instance.ps1 "    Stop-Run `$run`n" "    [System.Threading.Thread]::Sleep(2000)`n    Stop-Run `$run`n" }
}
if ($Channels) {
    Edit-Text plan.psd1 '    Window ' @"
    Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:$Channels/team'; Audience = 'Team' }
                 @{ Name = 'all'; Kind = 'Mail'; Server = '127.0.0.1'; Port = $($Channels + 1); Security = 'None'; From = 'releases@example.org'; To = 'all@example.org'; Audience = 'Stakeholders' }
                 @{ Name = 'deployments'; Kind = 'GitHub'; Uri = 'http://127.0.0.1:$($Channels + 2)'; Repository = 'example/shop'; Token = 'env:SHOP_TOKEN' } )
    Window 
"@.TrimEnd()
}
if ($Issues) {
    Edit-Text plan.psd1 "@{ Kind = 'File'; Path = 'freeze.json' }" "@{ Kind = 'File'; Path = 'freeze.json' }, @{ Kind = 'GitHub'; Repository = 'example/shop'; Uri = 'http://127.0.0.1:$Issues' }"
}
if ($Runbook) { [System.IO.File]::Copy($Runbook, "$State/release.ps1", $true) }
$env:SUDO_USER = 'release-lead'
Approve-DeploymentPlan "$State/plan.psd1" | Out-Null
