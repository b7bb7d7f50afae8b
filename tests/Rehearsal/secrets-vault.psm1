# What is asked of SecretManagement: a secret by its name, as a text. The vault is a file beside the modules.
function Get-Secret {
    [CmdletBinding()]
    param([Parameter(Mandatory)][string]$Name, [switch]$AsPlainText)
    $vault = [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$PSScriptRoot/../../vault.json"))
    if (-not $AsPlainText -or -not $vault.ContainsKey($Name)) { throw "The vault gives no text of the name $Name." }
    "$($vault[$Name])"
}
