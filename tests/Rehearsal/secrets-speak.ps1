# What the deploy script says of the secrets: on every stream, by a child, in a name, and by an exception where mode says so.
[CmdletBinding()]
param([Parameter(Mandatory)][string]$Name)
$ErrorActionPreference = 'Stop'

$mode = if ([System.IO.File]::Exists("$PSScriptRoot/mode")) { [System.IO.File]::ReadAllText("$PSScriptRoot/mode") } else { '' }
$raw = [System.IO.File]::ReadAllText("$PSScriptRoot/planted/raw.txt")

"$raw"
[pscustomobject]@{ $raw = 'a name' }
$PSCmdlet.WriteWarning($raw)
$PSCmdlet.WriteVerbose($raw)
$PSCmdlet.WriteInformation($raw, [string[]]@())
$ErrorActionPreference = 'Continue'
$PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($raw), 'Spoken', 'NotSpecified', $raw))
$ErrorActionPreference = 'Stop'
[System.IO.File]::ReadAllText("$PSScriptRoot/planted/said-$($Name[-1]).txt")
& bash "$PSScriptRoot/speak.sh" "$mode"

switch ($mode) {
    'throw' { throw [System.InvalidOperationException]::new($raw, [System.InvalidOperationException]::new($raw)) }
    'inner' {
        $inner = [System.InvalidOperationException]::new($raw)
        $inner.Data['said'] = $raw
        $PSCmdlet.ThrowTerminatingError([System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new('Something is wrong.', $inner), 'Inner', 'NotSpecified', $raw))
    }
    'smoke' { [System.IO.File]::WriteAllText("$PSScriptRoot/mode", 'smoke-now') }
    'crash' {
        if ($Name -eq 'green-2') {
            [System.IO.File]::WriteAllText("$PSScriptRoot/mode", '')
            [System.IO.File]::WriteAllText("$PSScriptRoot/planted/crash", $Name)
            [System.Threading.Thread]::Sleep(60000)
        }
    }
}
