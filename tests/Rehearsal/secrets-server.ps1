# A server that the planted probes and smoke files ask, and that the notices go to. It writes down what came, as it came, and answers with the secrets in
# every form; what a notice says it writes down beside, in heard-team.jsonl and heard-github.jsonl, where it is searched.
param([Parameter(Mandatory)][string]$State, [Parameter(Mandatory)][int]$Port)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/secret-forms.ps1"
. "$PSScriptRoot/github-replies.ps1"

$spoken = [System.IO.File]::ReadAllText("$State/planted/answer.txt")
$log = [System.IO.StreamWriter]::new("$State/planted/received.log", $true)
$log.AutoFlush = $true
$captured = [System.IO.File]::ReadAllText("$State/planted/captured.json")
$headers = [System.Text.Json.Nodes.JsonNode]::Parse($captured)
$listener = [System.Net.HttpListener]::new()
$listener.Prefixes.Add("http://127.0.0.1:$Port/")
$listener.Start()
[System.IO.File]::WriteAllText("$State/planted/server.ready", "$PID")
$end = [System.DateTime]::UtcNow.AddMinutes(10)
while ([System.DateTime]::UtcNow -lt $end) {
    $context = $listener.GetContext()
    $request = $context.Request
    $body = [System.IO.StreamReader]::new($request.InputStream).ReadToEnd()
    $log.WriteLine("$($request.HttpMethod) $($request.RawUrl)")
    foreach ($name in $request.Headers.AllKeys) { $log.WriteLine("${name}: $($request.Headers[$name])") }
    $log.WriteLine($body)

    $answer = $context.Response
    $path = $request.Url.AbsolutePath
    $fails = [System.IO.File]::Exists("$State/mode") -and [System.IO.File]::ReadAllText("$State/mode") -eq 'smoke-now'
    $text = switch -Wildcard ($path) {
        '/team/*' { [System.IO.File]::AppendAllText("$State/heard-team.jsonl", "$body`n"); 'taken' }
        '/api/*' {
            if ($body) { [System.IO.File]::AppendAllText("$State/heard-github.jsonl", "$body`n") }
            $answer.ContentType = 'application/json; charset=utf-8'
            $answer.StatusCode, $reply = Get-GitHubReply $request $body
            $reply
        }
        '/login' {
            $answer.ContentType = 'application/json'
            $answer.Headers['X-Ticket'] = "$($headers['header'])"
            $answer.Headers['Set-Cookie'] = "sid=$($headers['cookie']); Path=/"
            $captured
        }
        # Only what the old release answered right can fail: a baseline that fails is nobody's fault.
        '/use*' { if ($fails) { $answer.StatusCode = 500 }; "$($request.RawUrl)`n$($request.Headers)`n$body`n$spoken" }
        '/end' { '{"state":' + ($fails ? (ConvertTo-JsonString $spoken) : '"fine"') + '}' }
        default { "well`n" }
    }
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($text)
    $answer.ContentLength64 = $bytes.Length
    $answer.OutputStream.Write($bytes, 0, $bytes.Length)
    $answer.Close()
}
