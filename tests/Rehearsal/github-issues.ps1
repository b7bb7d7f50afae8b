# GitHub as far as incidents go: answers with what issues.txt in the folder says, a title a line, each an open issue with the label; while away.txt is there, with 503.
# Ends when ready.txt, which it writes when it listens, is removed, or after five minutes.
param([Parameter(Mandatory)][int]$Port, [Parameter(Mandatory)][string]$Folder)
$ErrorActionPreference = 'Stop'

function Get-Reply($Request) {
    if ([System.IO.File]::Exists("$Folder/away.txt")) { return 503, '{"message":"Service Unavailable"}' }
    switch -Regex ($Request.Url.AbsolutePath) {
        '/repos/example/shop/labels/incident$' { return 200, '{"id":1,"name":"incident"}' }
        '/repos/example/shop/issues$' {
            if ($Request.Url.Query -notmatch 'state=open&labels=incident') { return 200, '[]' }
            $issues = [System.Text.Json.Nodes.JsonArray]::new()
            foreach ($title in [System.IO.File]::ReadAllLines("$Folder/issues.txt")) {
                $issue = [System.Text.Json.Nodes.JsonNode]::Parse('{"id":42,"number":42,"state":"open"}')
                $issue['title'] = [System.Text.Json.Nodes.JsonValue]::Create($title)
                $issues.Add($issue)
            }
            return 200, $issues.ToJsonString()
        }
    }
    404, '{"message":"Not Found"}'
}

$listener = [System.Net.HttpListener]::new()
$listener.Prefixes.Add("http://127.0.0.1:$Port/")
$listener.Start()
[System.IO.File]::WriteAllText("$Folder/issues.txt", '')
[System.IO.File]::WriteAllText("$Folder/ready.txt", '')
$end = [System.DateTime]::UtcNow.AddMinutes(5)
$coming = $listener.GetContextAsync()
while ([System.IO.File]::Exists("$Folder/ready.txt") -and [System.DateTime]::UtcNow -lt $end) {
    if (-not $coming.Wait(200)) { continue }
    $context = $coming.Result
    $coming = $listener.GetContextAsync()
    $code, $reply = Get-Reply $context.Request
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($reply)
    $context.Response.StatusCode = $code
    $context.Response.ContentType = 'application/json; charset=utf-8'
    $context.Response.Close($bytes, $true)
}
$listener.Stop()
