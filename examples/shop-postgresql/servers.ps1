# A primary and a streaming replica of PostgreSQL on this machine alone, in a state folder: postgresql/ holds what they store and say,
# run/primary.json and run/replica.json which processes they are. processes.ps1 and setup.ps1 of the sample shop are there too.

$script:servers = 'primary', 'replica'

# The folder of PostgreSQL's programs: the newest of Debian's, else the first on the path.
function Get-PostgreSql {
    $folders = if ([System.IO.Directory]::Exists('/usr/lib/postgresql')) { [System.IO.Directory]::GetDirectories('/usr/lib/postgresql') }
    $newest = @($folders) -match '/\d+$' | Sort-Version | ForEach-Object { "$_/bin" }
    foreach ($folder in @($newest) + "$env:PATH".Split(':')) {
        $missing = 'initdb', 'postgres', 'pg_basebackup', 'pg_isready', 'psql' | Where-Object { -not [System.IO.File]::Exists("$folder/$_") }
        if (-not $missing) { return $folder }
    }
    throw "PostgreSQL's server is not installed: initdb, postgres, pg_basebackup, pg_isready and psql are neither below /usr/lib/postgresql nor on the path. On Debian and Ubuntu: apt-get install postgresql."
}

function Sort-Version {
    $found = [string[]]@($input)
    [System.Array]::Sort([int[]]@($found | ForEach-Object { -[int]($_ -replace '^.*/') }), $found)
    $found
}

# PostgreSQL refuses to run as root: its own account runs it then. It starts in a folder that every account may enter.
function Get-ServerCommand([string]$State, [string]$Program, [string[]]$Arguments) {
    $account = if ([System.Environment]::IsPrivilegedProcess) { 'setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups' }
    @($account) + @('env', '--chdir=/', "PGPASSFILE=$State/postgresql/pgpass", "$(Get-PostgreSql)/$Program") + $Arguments | Where-Object { $_ }
}

# What a program of PostgreSQL says, run to its end.
function Invoke-PostgreSql([string]$State, [string]$Program, [string[]]$Arguments, [string]$Text = '') {
    try { Invoke-Bash (@('exec "$@"', $Program) + (Get-ServerCommand $State $Program $Arguments)) $Text }
    catch { throw "$Program failed: $_" }
}

# What a server answers the shop's database administrator, without headings.
function Invoke-Sql([string]$State, [int]$Port, [string]$Sql, [string]$Database = 'shop') {
    Invoke-PostgreSql $State psql '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', '--host=127.0.0.1', "--port=$Port", '--username=postgres', "--dbname=$Database", '--file=-' $Sql
}

# Readable by its owner alone from its first byte on.
function Set-Secret([string]$Path, [string]$Text) {
    [System.IO.File]::Delete($Path)
    $options = [System.IO.FileStreamOptions]@{ Mode = 'CreateNew'; Access = 'Write'; UnixCreateMode = 'UserRead, UserWrite' }
    $writer = [System.IO.StreamWriter]::new($Path, $options)
    try { $writer.Write($Text) } finally { $writer.Dispose() }
}

function Wait-Until([string]$What, [string]$Log, [scriptblock]$Condition) {
    $deadline = [System.DateTime]::UtcNow.AddSeconds(30)
    while (-not (& $Condition)) {
        if ([System.DateTime]::UtcNow -gt $deadline) { throw "$What within 30 s: see $Log." }
        [System.Threading.Thread]::Sleep(50)
    }
}

# Nothing has to outlive the machine here, so that no server waits for the disk.
function Start-Server([string]$State, $Ports, [string]$Name) {
    if ((Get-Run "$State/run/$Name.json").Alive) { return }
    $log = "$State/postgresql/$Name.log"
    $settings = 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=32MB' | ForEach-Object { '-c', $_ }
    Start-Run "$State/run/$Name.json" 'PostgreSQL' $log (Get-ServerCommand $State postgres (@('-D', "$State/postgresql/$Name", '-p', $Ports[$Name]) + $settings))
    Wait-Until "The $Name does not accept connections" $log {
        & "$(Get-PostgreSql)/pg_isready" --quiet --host=127.0.0.1 "--port=$($Ports[$Name])"
        $LASTEXITCODE -eq 0
    }
}

# Starts what does not run and waits until the replica follows.
function Start-Servers([string]$State, $Ports) {
    foreach ($name in $script:servers) { Start-Server $State $Ports $name }
    Wait-Until 'The replica does not follow the primary' "$State/postgresql/replica.log" {
        (Invoke-Sql $State $Ports.primary "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'" postgres) -eq '1'
    }
}

# Their folder, empty but for passwords that nobody has used before.
function Initialize-Folder([string]$State) {
    $folder = "$State/postgresql"
    if ([System.IO.Directory]::Exists($folder)) { [System.IO.Directory]::Delete($folder, $true) }
    [System.IO.Directory]::CreateDirectory($folder, 'UserRead, UserWrite, UserExecute') | Out-Null
    $passwords = @{}
    foreach ($account in 'postgres', 'replica', 'shop') { $passwords[$account] = [System.Convert]::ToHexString([System.Security.Cryptography.RandomNumberGenerator]::GetBytes(24)) }
    Set-Secret "$folder/superuser" $passwords.postgres
    Set-Secret "$folder/pgpass" (('postgres', 'replica' | ForEach-Object { "127.0.0.1:*:*:$_`:$($passwords[$_])`n" }) -join '')
    if ([System.Environment]::IsPrivilegedProcess) {
        Invoke-Bash "chown -R postgres: '$folder'" | Out-Null
        try { Invoke-Bash "setpriv --reuid=postgres --regid=postgres --init-groups test -x '$folder'" | Out-Null }
        catch { throw "PostgreSQL's account 'postgres' cannot enter $folder`: give -State a folder that every account may enter, such as one below /tmp." }
    }
    $passwords
}

# Makes both anew, with the accounts and the empty database of the shop. Gives back the passwords by account.
function Initialize-Servers([string]$State, $Ports) {
    Get-PostgreSql | Out-Null
    $passwords = Initialize-Folder $State
    $folder = "$State/postgresql"
    Invoke-PostgreSql $State initdb "--pgdata=$folder/primary", '--username=postgres', '--auth=scram-sha-256', "--pwfile=$folder/superuser", '--encoding=UTF8', '--locale=C', '--no-sync' | Out-Null
    [System.IO.File]::Delete("$folder/superuser")
    Start-Server $State $Ports primary
    Invoke-Sql $State $Ports.primary @"
SET log_min_error_statement = panic;    -- A statement that failed would be logged with its password.
CREATE ROLE replica LOGIN REPLICATION PASSWORD '$($passwords.replica)';
CREATE ROLE shop LOGIN CREATEDB PASSWORD '$($passwords.shop)';
GRANT pg_monitor TO shop;
CREATE DATABASE shop OWNER shop;
"@ postgres | Out-Null
    Invoke-PostgreSql $State pg_basebackup "--pgdata=$folder/replica", '--host=127.0.0.1', "--port=$($Ports.primary)", '--username=replica', '--no-password', '--checkpoint=fast', '--write-recovery-conf', '--create-slot', '--slot=replica', '--no-sync' | Out-Null
    Start-Servers $State $Ports
    $passwords
}
