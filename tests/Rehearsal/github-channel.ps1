# GitHub as far as deployments go: answers as its API does, ends after so many statuses, and writes each one's state and description to a file as it comes.
param([Parameter(Mandatory)][int]$Port, [Parameter(Mandatory)][string]$File, [int]$Expected = 1)
$ErrorActionPreference = 'Stop'

. "$PSScriptRoot/github-replies.ps1"

$listener = [System.Net.HttpListener]::new()
$listener.Prefixes.Add("http://127.0.0.1:$Port/")
$listener.Start()
[System.IO.File]::WriteAllText($File, '')
while ($statuses.Count -lt $Expected) {
    $coming = $listener.GetContextAsync()
    if (-not $coming.Wait([timespan]'00:01:00')) { throw "Only $($statuses.Count) of $Expected statuses came." }
    $context = $coming.Result
    $told = $statuses.Count
    $code, $reply = Get-GitHubReply $context.Request ([System.IO.StreamReader]::new($context.Request.InputStream).ReadToEnd())
    if ($statuses.Count -gt $told) {
        $status = [System.Text.Json.Nodes.JsonNode]::Parse($reply)
        [System.IO.File]::AppendAllText($File, "$($status['state']) $($status['description'])`n")
    }
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($reply)
    $context.Response.StatusCode = $code
    $context.Response.ContentType = 'application/json; charset=utf-8'
    $context.Response.Close($bytes, $true)
}
