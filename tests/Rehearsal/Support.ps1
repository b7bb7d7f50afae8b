# What the rehearsals share. They run the sample shop in one state folder, one after the other, and reuse what was published there. Another name for that
# folder lets others run at the same time.
. "$PSScriptRoot/../../examples/shop/processes.ps1"

$root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
$state = "$root/artifacts/rehearsal/$($env:REHEARSAL_STATE ? $env:REHEARSAL_STATE : 'pester')"
$env:DEPLOYOPS_HOME = "$state/deployops"
Import-Module "$root/DeployOps.psd1"

# The host that was built last: what a terminal runs, as a process of its own.
function Get-HostProgram {
    $newest = $null
    foreach ($path in [System.IO.Directory]::GetFiles("$root/src/DeployOps.Host/bin", 'DeployOps.Host.dll', 'AllDirectories')) {
        $file = [System.IO.FileInfo]::new($path)
        if (-not $newest -or $file.LastWriteTimeUtc -gt $newest.LastWriteTimeUtc) { $newest = $file }
    }
    if (-not $newest) { throw 'The host is not built: run dotnet build DeployOps.sln.' }
    $newest.FullName
}

# The pwsh of this very process; nothing where its engine is embedded in another program.
function Get-Pwsh {
    $program = [System.IO.Path]::Combine($PSHOME, 'pwsh')
    if ([System.IO.File]::Exists($program)) { $program }
}

# Runs a script in a process of its own, by what runs this: pwsh, or else the host. Gives back its exit code and what it said.
function Invoke-Script([string]$Path, [object[]]$Arguments) {
    $pwsh = Get-Pwsh
    if ($pwsh) {
        # As it is installed: in a folder of its name, from where pwsh loads it when its first cmdlet is called. Not a link to the whole, which would hold itself.
        $modules = "$root/artifacts/rehearsal/modules"
        if (-not [System.IO.Directory]::Exists("$modules/DeployOps")) {
            [System.IO.Directory]::CreateDirectory("$modules/DeployOps") | Out-Null
            [System.IO.File]::CreateSymbolicLink("$modules/DeployOps/DeployOps.psd1", "$root/DeployOps.psd1") | Out-Null
            foreach ($folder in 'module', 'en-US') { [System.IO.Directory]::CreateSymbolicLink("$modules/DeployOps/$folder", "$root/$folder") | Out-Null }
        }
        $before = $env:PSModulePath, $env:NO_COLOR
        try {
            $env:PSModulePath = "$modules$([System.IO.Path]::PathSeparator)$env:PSModulePath"
            $env:NO_COLOR = '1'
            $output = & $pwsh -NoProfile -NonInteractive -File $Path @Arguments 2>&1
        }
        finally { $env:PSModulePath, $env:NO_COLOR = $before }
    }
    else { $output = & (Get-Dotnet) (Get-HostProgram) -NonInteractive $Path @Arguments 2>&1 }
    # pwsh breaks an error into lines of the screen's width, each behind a bar.
    [pscustomobject]@{ Code = $LASTEXITCODE; Text = $output -join "`n" -replace '\n +\| ', ' ' }
}

# Ends and forgets whatever an earlier rehearsal left, but not what it published.
function Reset-State {
    Stop-EveryRun $state
    [System.IO.Directory]::CreateDirectory($state) | Out-Null
    foreach ($folder in [System.IO.Directory]::GetDirectories($state)) {
        if ([System.IO.Path]::GetFileName($folder) -ne 'releases') { [System.IO.Directory]::Delete($folder, $true) }
    }
    foreach ($file in [System.IO.Directory]::GetFiles($state)) { [System.IO.File]::Delete($file) }
}

# A release from a clean state, with the shop left running.
function Invoke-Rehearsal([object[]]$Arguments, [string]$Example = 'shop') {
    Reset-State
    Invoke-Script "$root/examples/$Example/rehearse.ps1" (@('-State', $state, '-KeepRunning') + $Arguments)
}

# The shop on 2.3.0 with the plan approved and its runbook not yet run. Runbook replaces its text.
function Start-Shop([object[]]$Arguments) {
    Reset-State
    $started = Invoke-Script "$PSScriptRoot/Start-Shop.ps1" (@('-State', $state) + $Arguments)
    if ($started.Code -ne 0) { throw "The shop does not start: $($started.Text)" }
}

function Stop-Shop { Invoke-Script "$root/examples/shop/stop.ps1" @('-State', $state) }

# The version that customers get, or nothing where nobody answers.
function Get-EdgeVersion {
    $answer = Get-Answer "$([System.IO.File]::ReadAllText("$state/edge.url").Trim())/version" 5
    if ($answer) { "$([System.Text.Json.Nodes.JsonNode]::Parse($answer)['version'])" }
}

# What the load came to so far.
function Get-Load {
    $node = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$state/load.json"))
    [pscustomobject]@{ Sent = [int]"$($node['sent'])"; Failed = [int]"$($node['failed'])"; Refused = [int]"$($node['refused'])" }
}

# The processes of the state folder by their command lines, whatever the run files say.
function Get-Leftover {
    foreach ($folder in [System.IO.Directory]::GetDirectories('/proc')) {
        if ([System.IO.Path]::GetFileName($folder) -notmatch '^\d+$') { continue }
        try { $command = [System.IO.File]::ReadAllText("$folder/cmdline").Replace([char]0, ' ') }
        catch [System.IO.IOException] { continue }    # It ended while we looked.
        if ($command -match 'Shop\.dll|/postgres' -and $command.Contains("$state/")) { $command }
    }
}

# Seconds from the decision to go back until all traffic was seen on the old version, as the journal has them.
function Get-TrafficBackAfter($Window) {
    $end = @($Window | Get-DeploymentLog -Kind PhaseEnded -Phase Rollback)[-1]
    ([timespan]"$($end.Data['result']['trafficBackAfter'])").TotalSeconds
}
