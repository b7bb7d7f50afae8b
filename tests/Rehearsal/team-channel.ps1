# The team's channel: takes notices for a while, and writes each one's key and title to a file as it comes.
param([Parameter(Mandatory)][int]$Port, [Parameter(Mandatory)][string]$File, [int]$Expected = 1)
$ErrorActionPreference = 'Stop'

$listener = [System.Net.HttpListener]::new()
$listener.Prefixes.Add("http://127.0.0.1:$Port/")
$listener.Start()
[System.IO.File]::WriteAllText($File, '')
for ($taken = 0; $taken -lt $Expected; $taken++) {
    $coming = $listener.GetContextAsync()
    if (-not $coming.Wait([timespan]'00:01:00')) { throw "Only $taken of $Expected notices came." }
    $context = $coming.Result
    $notice = [System.Text.Json.Nodes.JsonNode]::Parse($context.Request.InputStream)
    [System.IO.File]::AppendAllText($File, "$($context.Request.Headers['Idempotency-Key']) $($notice['state']) $($notice['title'])`n")
    $context.Response.Close()
}
