# GitHub as far as deployments go: answers as its API does, ends after so many statuses, and writes each one's state and description to a file as it comes.
param([Parameter(Mandatory)][int]$Port, [Parameter(Mandatory)][string]$File, [int]$Expected = 1)
$ErrorActionPreference = 'Stop'

$deployments = [System.Collections.Generic.List[string]]::new()
$statuses = [System.Collections.Generic.List[string]]::new()

function Get-Reply($Request, [string]$Body) {
    $isPost = $Request.HttpMethod -eq 'POST'
    switch -Regex ($Request.Url.AbsolutePath) {
        '/repos/example/shop/deployments$' {
            if (-not $isPost) { return 200, "[$($deployments -join ',')]" }
            $asked = [System.Text.Json.Nodes.JsonNode]::Parse($Body)
            $shown = [System.Text.Json.Nodes.JsonNode]::Parse('{"id":1,"payload":{}}')
            foreach ($name in 'ref', 'environment', 'description') { $shown[$name] = [System.Text.Json.Nodes.JsonValue]::Create("$($asked[$name])") }
            $deployments.Add($shown.ToJsonString())
            return 201, $deployments[0]
        }
        '/repos/example/shop/deployments/1/statuses$' {
            if (-not $isPost) { return 200, "[$($statuses -join ',')]" }
            $statuses.Insert(0, $Body)
            $status = [System.Text.Json.Nodes.JsonNode]::Parse($Body)
            [System.IO.File]::AppendAllText($File, "$($status['state']) $($status['description'])`n")
            return 201, $Body
        }
    }
    404, '{"message":"Not Found"}'
}

$listener = [System.Net.HttpListener]::new()
$listener.Prefixes.Add("http://127.0.0.1:$Port/")
$listener.Start()
[System.IO.File]::WriteAllText($File, '')
while ($statuses.Count -lt $Expected) {
    $coming = $listener.GetContextAsync()
    if (-not $coming.Wait([timespan]'00:01:00')) { throw "Only $($statuses.Count) of $Expected statuses came." }
    $context = $coming.Result
    $code, $reply = Get-Reply $context.Request ([System.IO.StreamReader]::new($context.Request.InputStream).ReadToEnd())
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($reply)
    $context.Response.StatusCode = $code
    $context.Response.ContentType = 'application/json; charset=utf-8'
    $context.Response.Close($bytes, $true)
}
