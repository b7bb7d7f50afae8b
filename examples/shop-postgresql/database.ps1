# What only an example with this kind of database knows: here one that a primary serves, which a replica follows.
. "$PSScriptRoot/servers.ps1"

# Forgets an earlier database. What it gives back is what the program wants to be told as --database; it names the file of the
# password, since everybody reads command lines.
function Initialize-Database([string]$State, $Ports) {
    $passwords = Initialize-Servers $State $Ports
    $place = "Host=127.0.0.1;Port=$($Ports.primary);Database=shop;Username=shop"
    Set-Secret "$State/connection.txt" "$place;Password=$($passwords.shop)"
    Set-Secret "$State/replica.txt" "Host=127.0.0.1;Port=$($Ports.replica);Database=shop;Username=shop;Password=$($passwords.shop)"
    Set-Secret "$State/pgpass" "127.0.0.1:*:*:shop:$($passwords.shop)`n"
    "$place;Passfile=`"$State/pgpass`""
}

function Start-Database([string]$State, $Ports) { Start-Servers $State $Ports }
