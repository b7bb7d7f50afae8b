# What a rehearsal needs before its release: the shop published, a state folder with free ports, and release 2.3.0 serving through the edge.
param([string]$Example = $PSScriptRoot)    # The folder of the example: its plan, migrations, validations and database.ps1. The rest is shared.
. "$Example/database.ps1"

$script:instances = 'blue-1', 'blue-2', 'green-1', 'green-2'

# Written beside and moved over, so that a reader never sees half of it.
function Set-Text([string]$Path, [string]$Text) {
    [System.IO.File]::WriteAllText("$Path.new", $Text)
    [System.IO.File]::Move("$Path.new", $Path, $true)
}

function Copy-Folder([string]$From, [string]$To) {
    if ([System.IO.Directory]::Exists($To)) { [System.IO.Directory]::Delete($To, $true) }
    foreach ($file in [System.IO.Directory]::GetFiles($From, '*', 'AllDirectories')) {
        $target = [System.IO.Path]::Combine($To, [System.IO.Path]::GetRelativePath($From, $file))
        [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($target)) | Out-Null
        [System.IO.File]::Copy($file, $target)
    }
}

function Get-SourceHash {
    $hash = [System.Security.Cryptography.IncrementalHash]::CreateHash('SHA256')
    $files = [System.IO.Directory]::GetFiles("$PSScriptRoot/Shop", '*.cs*', 'AllDirectories') | Where-Object { $_ -notmatch '[\\/](bin|obj)[\\/]' }
    $files = [string[]](@($files) + [System.IO.Directory]::GetFiles("$PSScriptRoot/../..", 'Directory.*.props'))
    [System.Array]::Sort($files, [System.StringComparer]::Ordinal)
    foreach ($file in $files) { $hash.AppendData([System.IO.File]::ReadAllBytes($file)) }
    [System.Convert]::ToHexString($hash.GetHashAndReset())
}

# Two rehearsals that start together would build in the same folders.
function Enter-Build {
    [System.IO.Directory]::CreateDirectory("$PSScriptRoot/Shop/obj") | Out-Null
    $deadline = [System.DateTime]::UtcNow.AddMinutes(5)
    while ($true) {
        try { return [System.IO.FileStream]::new("$PSScriptRoot/Shop/obj/rehearse.lock", 'OpenOrCreate', 'ReadWrite', 'None') }
        catch [System.IO.IOException] {
            if ([System.DateTime]::UtcNow -gt $deadline) { throw }
            [System.Threading.Thread]::Sleep(200)
        }
    }
}

# The same program is both releases; release.json says which one a folder holds.
function Publish-Shop([string]$State, [string]$Fault) {
    $stamp = "$State/releases/source"
    $source = Get-SourceHash
    if (-not [System.IO.File]::Exists($stamp) -or [System.IO.File]::ReadAllText($stamp) -ne $source) {
        [System.IO.File]::Delete($stamp)
        $lock = Enter-Build
        try {
            $output = & (Get-Dotnet) publish "$PSScriptRoot/Shop/Shop.csproj" -c Release -o "$State/releases/2.3.0" --nologo -v quiet `
                --use-current-runtime --self-contained false -p:PublishReadyToRun=true -nodeReuse:false -p:UseSharedCompilation=false -p:RunAnalyzers=false 2>&1
            if ($LASTEXITCODE -ne 0) { throw "The shop does not build:`n$($output -join "`n")" }
        }
        finally { $lock.Dispose() }
        Copy-Folder "$State/releases/2.3.0" "$State/releases/2.4.0"
        Set-Text $stamp $source
    }
    $quoted = if ($Fault) { '"{0}"' -f $Fault } else { 'null' }
    Set-Text "$State/releases/2.3.0/release.json" '{"version":"2.3.0","fault":null}'
    Set-Text "$State/releases/2.4.0/release.json" ('{{"version":"2.4.0","fault":{0}}}' -f $quoted)
    Set-Text "$State/releases/2.3.0/settings.json" '{"name":"Shop"}'
    Set-Text "$State/releases/2.4.0/settings.json" '{"name":"Shop","newOrderStatus":"placed"}'
}

function Get-Listeners { @('edge') + $script:instances + $script:servers }

function Get-Ports([string]$State) {
    $ports = @{}
    if ([System.IO.File]::Exists("$State/ports.json")) {
        $node = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$State/ports.json"))
        foreach ($name in Get-Listeners) { $ports[$name] = [int]"$($node[$name])" }
    }
    $ports
}

# The ports of the shops whose state lies beside this one's: an instance that does not run now will want its own again.
function Get-OtherPorts([string]$State) {
    foreach ($folder in [System.IO.Directory]::GetDirectories([System.IO.Path]::GetDirectoryName($State))) {
        if ($folder -ne $State -and [System.IO.File]::Exists("$folder/ports.json")) {
            [System.Text.RegularExpressions.Regex]::Matches([System.IO.File]::ReadAllText("$folder/ports.json"), ':([0-9]+)') | ForEach-Object { [int]$_.Groups[1].Value }
        }
    }
}

# The ports of the last rehearsal, or new ones where somebody has taken one. They lie below those that clients get,
# so that none is taken by a connection before its instance starts.
function Initialize-Ports([string]$State) {
    $ports = Get-Ports $State
    if ($ports.Count -eq 0 -or @($ports.Values | Where-Object { -not (Test-PortFree $_) })) {
        $others = @(Get-OtherPorts $State)
        foreach ($name in Get-Listeners) {
            do { $port = [System.Random]::Shared.Next(20000, 32000) } until ($port -notin $ports.Values -and $port -notin $others -and (Test-PortFree $port))
            $ports[$name] = $port
        }
        $pairs = foreach ($name in $ports.Keys) { '"{0}":{1}' -f $name, $ports[$name] }
        Set-Text "$State/ports.json" ('{{{0}}}' -f ($pairs -join ','))
    }
    $ports
}

function Initialize-Files([string]$State, $Ports, [timespan]$Watch, [string]$Strategy) {
    foreach ($file in 'release.ps1', 'deploy-instance.ps1', 'processes.ps1') { [System.IO.File]::Copy("$PSScriptRoot/$file", "$State/$file", $true) }
    foreach ($folder in "$Example/migrations", "$Example/validations", "$PSScriptRoot/smoke") { Copy-Folder $folder "$State/$([System.IO.Path]::GetFileName($folder))" }
    $plan = [System.IO.File]::ReadAllText("$Example/plan.psd1.template")
    foreach ($name in $Ports.Keys) { $plan = $plan.Replace("{{$name}}", "$($Ports[$name])") }
    Set-Text "$State/plan.psd1" $plan.Replace('{{watch}}', "$Watch").Replace('{{strategy}}', $Strategy)

    $destinations = foreach ($name in $script:instances) {
        $weight = if ($name -in (Get-Serving $Strategy)) { 100 } else { 0 }
        '"{0}":{{"Address":"http://127.0.0.1:{1}/","Metadata":{{"Weight":"{2}"}}}}' -f $name, $Ports[$name], $weight
    }
    $edge = '{{"Revision":"set-up","Routes":{{"all":{{"ClusterId":"shop","Match":{{"Path":"{{**path}}"}}}}}},"Clusters":{{"shop":{{"LoadBalancingPolicy":"Weighted","Destinations":{{{0}}}}}}}}}'
    Set-Text "$State/edge.json" ($edge -f ($destinations -join ','))
    Set-Text "$State/edge.url" "http://127.0.0.1:$($Ports.edge)"
}

# Starts what the rehearsal runs itself, where it does not run already.
function Start-Surroundings([string]$State, $Ports, [int]$Load) {
    $program = (Get-Dotnet), "$State/releases/2.3.0/Shop.dll"
    $edge = "http://127.0.0.1:$($Ports.edge)"
    if (-not (Get-Run "$State/run/edge.json").Alive) {
        Start-Run "$State/run/edge.json" '2.3.0' "$State/logs/edge.log" ($program + @('edge', '--port', $Ports.edge, '--config', "$State/edge.json", '--log', "$State/logs/edge.log"))
    }
    if (-not (Get-Answer "$edge/healthz" 30)) { throw "The shop does not answer at $edge/healthz: see $State/logs." }
    if ($Load -gt 0 -and -not (Get-Run "$State/run/load.json").Alive) {
        Start-Run "$State/run/load.json" '2.3.0' "$State/logs/load.log" ($program + @('load', '--uri', $edge, '--rate', $Load, '--report', "$State/load.json"))
    }
}

# The instances that serve 2.3.0 before the release: one pool of two, or all, which are then changed one after another.
function Get-Serving([string]$Strategy) { if ($Strategy -eq 'Rolling') { $script:instances } else { 'blue-1', 'blue-2' } }

function Start-Instance([string]$State, $Ports, [string]$Name, [string]$Version) {
    $instance = [pscustomobject]@{ Name = $Name; Pool = $Name.Split('-')[0]; Uri = [uri]"http://127.0.0.1:$($Ports[$Name])" }
    & "$State/deploy-instance.ps1" -Instance $instance -Version $Version -Window $null
}

# A new rehearsal: whatever an earlier one left is stopped and put aside, and 2.3.0 serves.
function Initialize-Shop([string]$State, [string]$Fault, [int]$Load, [timespan]$Watch, [string]$Strategy = 'BlueGreen') {
    Stop-EveryRun $State
    foreach ($folder in 'run', 'logs', 'releases') { [System.IO.Directory]::CreateDirectory("$State/$folder") | Out-Null }
    foreach ($file in [System.IO.Directory]::GetFiles("$State/run")) { [System.IO.File]::Delete($file) }
    [System.IO.File]::Delete("$State/load.json")
    if ([System.IO.Directory]::Exists("$State/settings")) { [System.IO.Directory]::Delete("$State/settings", $true) }
    $ports = Initialize-Ports $State
    $database = Initialize-Database $State $ports
    Set-Text "$State/database.txt" $database
    Publish-Shop $State $Fault
    Initialize-Files $State $ports $Watch $Strategy
    $output = & (Get-Dotnet) "$State/releases/2.3.0/Shop.dll" setup --database $database 2>&1
    if ($LASTEXITCODE -ne 0) { throw "The database cannot be set up: $($output -join "`n")" }
    foreach ($name in Get-Serving $Strategy) { Start-Instance $State $ports $name '2.3.0' }
    foreach ($name in Get-Serving $Strategy) {
        if (-not (Get-Answer "http://127.0.0.1:$($ports[$name])/healthz" 30)) { throw "$name is not well: see $State/logs/$name.log." }
    }
    Start-Surroundings $State $ports $Load
}

# A release that was interrupted: what ran then runs again, as it was.
function Resume-Shop([string]$State, [int]$Load) {
    $ports = Get-Ports $State
    Start-Database $State $ports
    foreach ($name in $script:instances) {
        $run = Get-Run "$State/run/$name.json"
        if ($run -and -not $run.Alive) { Start-Instance $State $ports $name $run.Version }
    }
    Start-Surroundings $State $ports $Load
}
