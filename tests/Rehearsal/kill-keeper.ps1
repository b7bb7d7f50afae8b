# Does for the kill matrix what needs no process of its own, a request a line of its input, until that ends: "resume" starts again what ran when the
# state folder was kept, "judge STATE" judges the journal. What is said goes before a line "= 0", or "= 1" where it went wrong.
param([Parameter(Mandatory)][string]$State, [Parameter(Mandatory)][int]$Load)
$ErrorActionPreference = 'Stop'

while ($null -ne ($request = [System.Console]::In.ReadLine())) {
    $global:LASTEXITCODE = 0
    try {
        switch -Regex ($request) {
            '^resume$' { & "$PSScriptRoot/Start-Shop.ps1" -State $State -Load $Load -Resume }
            '^judge (\w+)$' { & "$PSScriptRoot/check-log.ps1" -State $State -Expected $Matches[1] }
            default { throw "'$request' is no request." }
        }
    }
    catch { "$_"; $global:LASTEXITCODE = 1 }
    "= $global:LASTEXITCODE"
}
