# What only an example with this kind of database knows: here a file, which nobody has to serve.
$script:servers = @()

# Forgets an earlier database. What it gives back is what the program wants to be told as --database.
function Initialize-Database([string]$State, $Ports) {
    foreach ($file in [System.IO.Directory]::GetFiles($State, 'shop.db*')) { [System.IO.File]::Delete($file) }
    "$State/shop.db"
}

function Start-Database([string]$State, $Ports) { }
