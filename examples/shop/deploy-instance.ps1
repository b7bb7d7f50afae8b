# Makes one instance run one version, or none. It lies in the state folder, beside releases/. Run again, it changes nothing.
# Whether the version is healthy, or stays up at all, is for the gates that follow to say.
param($Instance, [string]$Version, $Window)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/processes.ps1"

$name = "$($Instance.Name)"
$port = ([uri]$Instance.Uri).Port
$run = "$PSScriptRoot/run/$name.json"
if ($name -notmatch '^[\w-]+$') { throw "'$name' is no name for an instance: expected letters, digits and hyphens." }

if ($Version -eq 'none') {
    Stop-Run $run
    [System.IO.File]::Delete($run)
    return
}

$program = "$PSScriptRoot/releases/$Version/Shop.dll"
if ($Version -notmatch '^\d+(\.\d+){1,3}$') { throw "'$Version' is no version: expected one such as 2.4.0." }
if (-not [System.IO.File]::Exists($program)) { throw "Release $Version is not there to be run: $program is missing." }

$current = Get-Run $run
if ($current -and $current.Alive) {
    $served = if ($current.Version -eq $Version) { Get-Answer "http://127.0.0.1:$port/version" 3 }
    if ($served -and "$([System.Text.Json.Nodes.JsonNode]::Parse($served)['version'])" -eq $Version) { return }
    Stop-Run $run
}

# The settings are the shop's own and outlive a release, which adds what it is the first to need. Instances that are deployed at once add the same.
$settings = "$PSScriptRoot/settings/shop.json"
$has = [System.Text.Json.Nodes.JsonObject]::new()
if ([System.IO.File]::Exists($settings)) { $has = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($settings)) }
$adds = $false
foreach ($default in [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$PSScriptRoot/releases/$Version/settings.json")).GetEnumerator()) {
    if (-not $has.ContainsKey($default.Key)) { $has[$default.Key] = $default.Value.DeepClone(); $adds = $true }
}
if ($adds) {
    [System.IO.Directory]::CreateDirectory("$PSScriptRoot/settings") | Out-Null
    [System.IO.File]::WriteAllText("$settings.$name", $has.ToJsonString())
    [System.IO.File]::Move("$settings.$name", $settings, $true)
}

if (-not (Test-PortFree $port)) { throw "Port $port of $name is taken by a process that $run does not know: end it, then run this again." }
$log = "$PSScriptRoot/logs/$name.log"
[System.IO.Directory]::CreateDirectory("$PSScriptRoot/run") | Out-Null
[System.IO.Directory]::CreateDirectory("$PSScriptRoot/logs") | Out-Null
Start-Run $run $Version $log @((Get-Dotnet), $program, 'serve', '--port', $port, '--database', ([System.IO.File]::ReadAllText("$PSScriptRoot/database.txt")), '--settings', $settings, '--instance', $name, '--log', $log)
