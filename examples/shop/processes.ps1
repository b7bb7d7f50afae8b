# The processes of a state folder. Each has a run file, run/<name>.json: process id, start time, boot and version, so that an id
# that was given to another process is not mistaken for ours. The file stays when a process dies: it says what should run.

# The caller's open files are closed, or a pipe of his would not end before the server does.
$script:launch = @'
for fd in /proc/$$/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done
inner=$1; log=$2; shift 2
setsid bash -c "$inner" become "$@" </dev/null >>"$log" 2>&1 &
echo $!
'@

# The process writes its run file before it becomes the program: whoever asked for it may be killed at any moment.
$script:become = @'
run=$1; version=$2; shift 2
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
fields=(${stat##*) })
printf '{"pid":%s,"start":"%s","boot":"%s","version":"%s"}\n' "$$" "${fields[19]}" "$boot" "$version" >"$run.$$" && mv "$run.$$" "$run" && exec "$@"
'@

# What is to be read from its input is no argument, which everybody could read.
function Invoke-Bash([string[]]$Arguments, [string]$Text = '') {
    $start = [System.Diagnostics.ProcessStartInfo]::new('bash')
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    foreach ($argument in @('-c') + $Arguments) { $start.ArgumentList.Add($argument) }
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Write($Text)
    $process.StandardInput.Close()
    $failure = $process.StandardError.ReadToEndAsync()
    $text = $process.StandardOutput.ReadToEnd().Trim()
    $process.WaitForExit()
    if ($process.ExitCode -ne 0) { throw "bash ended with $($process.ExitCode): $($failure.Result.Trim())" }
    $text
}

function Get-StartTime([int]$Id) {
    try { $stat = [System.IO.File]::ReadAllText("/proc/$Id/stat") }
    catch [System.IO.IOException] { return }    # It has ended.
    $fields = $stat.Substring($stat.LastIndexOf(')') + 2).Split(' ')
    if ($fields[0] -notin 'Z', 'X') { $fields[19] }
}

# What a run file says, and whether that very process is alive; nothing without a run file.
function Get-Run([string]$Path) {
    if (-not [System.IO.File]::Exists($Path)) { return }
    $node = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText($Path))
    $run = [pscustomobject]@{ Id = [int]"$($node['pid'])"; Start = "$($node['start'])"; Boot = "$($node['boot'])"; Version = "$($node['version'])"; Alive = $false }
    $boot = [System.IO.File]::ReadAllText('/proc/sys/kernel/random/boot_id').Trim()
    $run.Alive = $run.Boot -eq $boot -and $run.Start -eq (Get-StartTime $run.Id)
    $run
}

# Starts a program that outlives its caller and returns when its run file tells of it. Whether it stays alive is not asked.
function Start-Run([string]$Path, [string]$Version, [string]$Log, [string[]]$Program) {
    $id = [int](Invoke-Bash (@($script:launch, 'launch', $script:become, $Log, $Path, $Version) + $Program))
    $deadline = [System.DateTime]::UtcNow.AddSeconds(10)
    while ((Get-Run $Path).Id -ne $id) {
        if ([System.DateTime]::UtcNow -gt $deadline) { throw "$($Program[0]) (process $id) did not start: see $Log." }
        [System.Threading.Thread]::Sleep(20)
    }
}

# Asks a process to end, waits up to ten seconds for it, then ends it by force.
function Stop-Run([string]$Path, [string]$Signal = 'TERM') {
    foreach ($next in $Signal, 'KILL') {
        $run = Get-Run $Path
        if (-not $run -or -not $run.Alive) { return }
        Invoke-Bash "kill -$next $($run.Id) 2>/dev/null || true" | Out-Null
        $deadline = [System.DateTime]::UtcNow.AddSeconds(10)
        while ((Get-Run $Path).Alive -and [System.DateTime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(20) }
    }
    if ((Get-Run $Path).Alive) { throw "Process $($run.Id) of $Path does not end." }
}

# Stops every process of a state folder: the load first, then the edge, then the instances, and at last the servers of their
# database where it has any. PostgreSQL waits at TERM until everybody has gone, and at INT sends them away.
function Stop-EveryRun([string]$State) {
    if (-not [System.IO.Directory]::Exists("$State/run")) { return }
    $instances = [System.IO.Directory]::GetFiles("$State/run", '*.json') | Where-Object { $_ -notmatch '[\\/](load|edge|primary|replica)\.json$' }
    # One that does not end must not keep the others running.
    $left = foreach ($file in @("$State/run/load.json", "$State/run/edge.json") + $instances + @("$State/run/primary.json", "$State/run/replica.json")) {
        try { Stop-Run $file ($file -match '[\\/](primary|replica)\.json$' ? 'INT' : 'TERM') }
        catch { "$_" }
    }
    if ($left) { throw ($left -join ' ') }
}

# The program that dotnet was started with, so that a rehearsal needs no second installation.
function Get-Dotnet { if ($env:DOTNET_HOST_PATH) { $env:DOTNET_HOST_PATH } else { 'dotnet' } }

# The body of a GET on this machine, or nothing where 200 does not come within the time. It never goes through a proxy.
function Get-Answer([string]$Uri, [double]$Seconds) {
    $handler = [System.Net.Http.SocketsHttpHandler]::new()
    $handler.UseProxy = $false
    $client = [System.Net.Http.HttpClient]::new($handler)
    $deadline = [System.DateTime]::UtcNow.AddSeconds($Seconds)
    try {
        while ([System.DateTime]::UtcNow -lt $deadline) {
            $left = ($deadline - [System.DateTime]::UtcNow).TotalMilliseconds
            $cancel = [System.Threading.CancellationTokenSource]::new([int][System.Math]::Max(1, $left))
            try { return $client.GetStringAsync($Uri, $cancel.Token).GetAwaiter().GetResult() }
            catch [System.Net.Http.HttpRequestException] { [System.Threading.Thread]::Sleep(50) }   # Not well yet.
            catch [System.OperationCanceledException] { return }
            finally { $cancel.Dispose() }
        }
    }
    finally { $client.Dispose() }
}

# Whether nobody listens on a port of this machine.
function Test-PortFree([int]$Port) {
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, $Port)
    try { $listener.Start(); $true }
    catch [System.Net.Sockets.SocketException] { $false }
    finally { $listener.Stop() }
}
