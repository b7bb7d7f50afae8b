# Plants fifty secrets in a shop that Start-Shop.ps1 has set up, and has its release carry them through every channel. In the state folder, planted/
# is what the user has of them: secrets.json lists them, environment.sh sets the variables.
param([Parameter(Mandatory)][string]$State, [Parameter(Mandatory)][int]$Port, [Parameter(Mandatory)][int]$MailPort)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/../../examples/shop/setup.ps1"
. "$PSScriptRoot/secret-forms.ps1"

# kind|how many|the signs it has besides letters and digits, each once at least|how long|who must have got it
$kinds = @(
    'env-path|3|/+&?%#"''<>=\ é€|20|server'
    'env-query|5|/+&?%#"''<>=\ ü|18|server'
    'env-short|1|<&|4|server'
    'env-user|3|/+&?%#"''<>= é|16|child'
    'file-path|3|/+&?%#"''<>= ß🔑|22|server'
    'file-lines|2|/+&?%#"''<>=|60|server'
    'file-query|3|+&"''<>=:; ñ|16|server'
    'file-user|3|/+&?%#"''<>=|14|child'
    'plan-user|3|/+&?%#"''<>= é|16|child'
    'plan-database|2|/+&?%#<>=:é|16|child'
    'env-database|1|/+&?%#<>=:"|16|child'
    'file-database|1|/+&?%#<>=:"|16|child'
    'vault-path|1|/+&?%#"''<>=\ é€|20|server'
    'vault-database|1|/+&?%#<>=:é|16|child'
    'vault-address|1|/+&?%#"''<>= é|24|server'
    'vault-token|1|/+=._-|40|server'
    'captured-body|3|/+&?%#"''<>=\ é|20|server'
    'captured-lines|1|/+&?%#"''<>=|50|server'
    'captured-short|1|+&|5|server'
    'captured-header|1|/+&?%#''<>=:|24|server'
    'captured-cookie|1|/+&?%#''<>:|24|server'
    'captured-match|1|/+&?%''=:|24|server'
    'basic|3|/+&?%<>=:é|14|server'
    'pattern-key|1|/+=|60|child'
    'pattern-authorization|1|/+=.|24|child'
    'pattern-cookie|1|/+=.|24|child'
    'pattern-database|1|/+&?%#<>=:|16|child'
    'pattern-address|1|+&%=!|16|child'
)

function Get-RandomText([string]$Letters, [int]$Count) {
    -join (1..$Count | ForEach-Object { $Letters[[System.Security.Cryptography.RandomNumberGenerator]::GetInt32($Letters.Length)] })
}

function New-Secret([string]$Kind, [string]$Signs, [int]$Length) {
    $letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
    # A letter at both ends: a secret that begins or ends with a blank is another matter than this one's.
    $inner = Get-RandomText $letters ([System.Math]::Max(0, $Length - 2 - $Signs.Length))
    $text = (Get-RandomText $letters 1) + $inner.Substring(0, [int]($inner.Length / 2)) + $Signs + $inner.Substring([int]($inner.Length / 2)) + (Get-RandomText $letters 1)
    if ($Kind -like '*-lines') { $text = $text.Insert([int]($text.Length / 3), "`n").Insert([int](2 * $text.Length / 3), "`n") }
    $text
}

function Get-Quoted([string]$Text) { "'" + $Text.Replace("'", "''") + "'" }

$planted = "$State/planted"
[System.IO.Directory]::CreateDirectory($planted) | Out-Null
$secrets = foreach ($line in $kinds) {
    $kind, $count, $signs, $length, $way = $line.Split('|')
    foreach ($number in 1..[int]$count) { [pscustomobject]@{ Name = "$kind-$number"; Kind = $kind; Value = New-Secret $kind $signs ([int]$length); Way = $way } }
}
if ($secrets.Count -ne 50) { throw "There are $($secrets.Count) secrets, not 50." }
# What is no secret, and must be found wherever the secrets are looked for: it travels with them.
$control = 'no-secret-' + (Get-RandomText 'abcdefghijkmnpqrstuvwxyz' 16)

$list = foreach ($secret in $secrets) {
    '{' + (@(foreach ($name in 'Name', 'Kind', 'Value', 'Way') { "`"$name`":$(ConvertTo-JsonString $secret.$name)" }) -join ',') + '}'
}
Set-Text "$planted/secrets.json" "[$($list -join ",`n")]`n"
Set-Text "$planted/control" $control

# References and addresses: each is a probe of its own, but for those that are the password of a database.
$environment = [System.Text.StringBuilder]::new()
$probes = [System.Text.StringBuilder]::new()
$databases = [System.Text.StringBuilder]::new()
$vault = [System.Collections.Generic.List[string]]::new()
$told = @{}    # What the channels of the plan are reached by.
$base = "127.0.0.1:$Port"
foreach ($secret in $secrets) {
    $escaped = [uri]::EscapeDataString($secret.Value)
    $value = switch -Wildcard ($secret.Kind) {
        '*-path' { "http://$base/probe/$escaped" }
        '*-user' { "http://operator:$escaped@$base/probe" }
        '*-address' { "http://$base/team/$escaped" }
        '*-token' { $secret.Value }
        '*-database' { 'Data Source=none.db;Password="' + $secret.Value.Replace('"', '""') + '"' }
        default { "http://$base/probe?key=$escaped" }
    }
    $name = $secret.Name.Replace('-', '_').ToUpperInvariant()
    $reference = switch -Wildcard ($secret.Kind) {
        'env-*' { $environment.Append("export $name='" + $value.Replace("'", "'\''") + "'`n") | Out-Null; "env:$name" }
        'file-*' { Set-Text "$planted/$name" "$value`n"; "file:planted/$name" }
        'vault-*' { $vault.Add("$(ConvertTo-JsonString $name):$(ConvertTo-JsonString $value)"); "secret:$name" }
        'plan-*' { $value }
        default { '' }
    }
    if (-not $reference) { continue }
    if ($secret.Kind -match '^vault-(address|token)$') { $told[$Matches[1]] = $reference }
    elseif ($secret.Kind -like '*-database') {
        $databases.Append("    @{ Name = '$($secret.Name)'; Kind = 'Sqlite'; ConnectionString = $(Get-Quoted $reference) }`n") | Out-Null
    }
    else { $probes.Append("`n        @{ Name = '$($secret.Name)'; Uri = $(Get-Quoted $reference); Consecutive = 1 }") | Out-Null }
}
# A vault as SecretManagement is asked for one, which no registry serves that can be had here.
$module = "$planted/modules/Microsoft.PowerShell.SecretManagement"
[System.IO.Directory]::CreateDirectory($module) | Out-Null
[System.IO.File]::Copy("$PSScriptRoot/secrets-vault.psm1", "$module/Microsoft.PowerShell.SecretManagement.psm1", $true)
Set-Text "$planted/vault.json" "{$($vault -join ",`n")}`n"
$environment.Append("export PSModulePath='$planted/modules'`n") | Out-Null
Set-Text "$planted/environment.sh" "$environment"
Set-Text "$State/databases.psd1" "@{`n    Service = 'shop'; Environment = 'rehearsal'; Release = '2.4.0'`n    Databases = @(`n$databases    )`n}`n"

$plan = [System.IO.File]::ReadAllText("$State/plan.psd1")
$place = $plan.IndexOf('Probes = @(') + 'Probes = @('.Length
$plan = $plan.Insert($place, "$probes`n       ")
# Everybody is told of everything; whoever listens writes down what he was told.
$place = $plan.IndexOf('    Window ')
$everybody = "Audience = 'Team', 'Stakeholders'"
Set-Text "$State/plan.psd1" $plan.Insert($place, @"
    Notices = @( @{ Kind = 'Webhook'; Uri = $(Get-Quoted $told['address']); $everybody }
                 @{ Kind = 'Mail'; Server = '127.0.0.1'; Port = $MailPort; Security = 'None'; From = 'releases@example.org'; To = 'all@example.org'; $everybody }
                 @{ Kind = 'GitHub'; Uri = 'http://$base'; Repository = 'example/shop'; Token = $(Get-Quoted $told['token']); $everybody } )

"@)

# What is captured, and then sent on.
function Get-Captured([string]$Kind) { @($secrets | Where-Object Kind -EQ $Kind) }
$captured = [ordered]@{}
foreach ($index in 0, 1, 2) { $captured["body$index"] = (Get-Captured 'captured-body')[$index].Value }
foreach ($kind in 'lines', 'short', 'header', 'cookie', 'match') { $captured[$kind] = (Get-Captured "captured-$kind")[0].Value }
Set-Text "$planted/captured.json" ('{' + (@($captured.Keys | ForEach-Object { "`"$_`":$(ConvertTo-JsonString $captured[$_] -Relaxed)" }) -join ',') + '}')
Set-Text "$State/smoke/captured.hurl" @"
POST http://$base/login
{ "name": "operator" }
HTTP 200
[Captures]
body0: jsonpath "$.body0" redact
body1: jsonpath "$.body1" redact
body2: jsonpath "$.body2" redact
lines: jsonpath "$.lines" redact
short: jsonpath "$.short" redact
header: header "X-Ticket" redact
cookie: cookie "sid" redact
match: regex /"match":"([^"]+)"/ redact

GET http://$base/use
X-Way: {{body0}}
Authorization: Bearer {{header}}
[Query]
body1: {{body1}}
short: {{short}}
[Cookies]
other: {{match}}
HTTP *

POST http://$base/use/{{match}}
[Form]
body2: {{body2}}
lines: {{lines}}
header: {{header}}
HTTP *

POST http://$base/use
{ "lines": "{{lines}}", "body0": "{{body0}}", "cookie": "{{cookie}}", "short": "{{short}}" }
HTTP 200

GET http://$base/end
HTTP 200
[Asserts]
jsonpath "$.state" == "fine"
"@
# One file a way to fail, since a file ends at its first.
Set-Text "$State/smoke/shown.hurl" "GET http://$base/end`nHTTP 200`n[Asserts]`njsonpath `"`$.state`" == `"fine`"`n"
$basic = foreach ($secret in $secrets | Where-Object Kind -EQ 'basic') { "GET http://$base/use/basic`n[BasicAuth]`noperator: $($secret.Value)`nHTTP 200`n" }
Set-Text "$State/smoke/basic.hurl" ($basic -join "`n")

# What child and script say: a part for each instance, since the evidence of one is bounded.
$known = @($secrets | Where-Object Kind -NotMatch '^(captured|basic|pattern)')
$shapes = foreach ($secret in $secrets) {
    switch ($secret.Kind) {
        'pattern-key' { "-----BEGIN PRIVATE KEY-----`n$($secret.Value)`n-----END PRIVATE KEY-----" }
        'pattern-authorization' { "Authorization: Bearer $($secret.Value)" }
        'pattern-cookie' { "Cookie: session=$($secret.Value)" }
        'pattern-database' { "Server=db;Password=$($secret.Value);Timeout=3" }
        'pattern-address' { "postgres://app:$($secret.Value)@db/shop" }
    }
}
$raw = (@($known | ForEach-Object Value) -join "`n") + "`n$($shapes -join "`n")`n$control`n"
$forms = @($known | ForEach-Object { Get-Form $_.Value })
$half = [int]($forms.Count / 2)
Set-Text "$planted/raw.txt" $raw
Set-Text "$planted/said-1.txt" (($forms[0..$half] -join " | ") + " | $control`n")
Set-Text "$planted/said-2.txt" (($forms[$half..($forms.Count - 1)] -join " | ") + " | $control`n")
$answered = @($secrets | Where-Object Kind -NotLike 'pattern-*')
Set-Text "$planted/answer.txt" ("$control`n" + (@($answered | ForEach-Object Value) -join "`n") + "`n" + (@($answered | ForEach-Object { Get-Form $_.Value }) -join " | "))
Set-Text "$planted/note.txt" ("$control`n" + (@($known | Where-Object Kind -NotLike '*-database' | ForEach-Object Value) -join "`n") + "`n$($shapes -join "`n")`n$control")

# What the shop logs of them. Each line is a kind of error: the old ones are read for a baseline, the new ones are quoted.
$letters = 'abcdefghijklmnopqrstuvwxyz'
$number = 0
$old = foreach ($text in @($known | ForEach-Object { $_.Value; (Get-Form $_.Value) -join ' | ' }) + $shapes) {
    "2026-01-01T00:00:00Z Error Store: old$($letters[[int][System.Math]::Floor($number / 26)])$($letters[$number % 26]) $control $($text.Replace("`n", ' '))"
    $number++
}
$third = [int][System.Math]::Ceiling($known.Count / 3)
$new = foreach ($part in 0, 1, 2) {
    $values = @($known[($part * $third)..([System.Math]::Min(($part + 1) * $third, $known.Count) - 1)] | ForEach-Object { $_.Value.Replace("`n", ' ') })
    "2026-01-01T00:00:00Z Error Store: new$($letters[$part]) $control $($values -join ' ') $(($shapes -join ' ').Replace("`n", ' '))"
}
Set-Text "$planted/old-errors.txt" "$($old -join "`n")`n"
Set-Text "$planted/new-errors.txt" "$($new -join "`n")`n"
[System.IO.File]::Copy("$planted/old-errors.txt", "$State/logs/planted.log", $true)

foreach ($file in 'speak.ps1', 'speak.sh') { [System.IO.File]::Copy("$PSScriptRoot/secrets-$file", "$State/$file", $true) }
$deploy = [System.IO.File]::ReadAllText("$State/deploy-instance.ps1")
$begin = "`$ErrorActionPreference = 'Stop'`n"
Set-Text "$State/deploy-instance.ps1" $deploy.Replace($begin, "${begin}if (`$Version -eq '2.4.0' -and `$Window) { & `"`$PSScriptRoot/speak.ps1`" -Name `$Instance.Name -Verbose }`n# The smoke files fail for the new release alone.`nif (`$Version -eq 'none') { [System.IO.File]::Delete(`"`$PSScriptRoot/mode`") }`n")
[System.IO.File]::Copy("$PSScriptRoot/secrets-runbook.ps1", "$State/release.ps1", $true)

# What stands in the database is the user's data: validations quote it when they fail, by value and by the name of what is missing.
# A view, since the log is read back by the names of tables: a secret in one of them is refused.
function Get-Literal([string]$Text) { "'" + $Text.Replace("'", "''") + "'" }
$names = '"' + $known[0].Value.Replace('"', '""') + '"'
$rows = for ($index = 0; $index + 5 -lt $known.Count; $index += 6) { '(' + (@($known[$index..($index + 5)] | ForEach-Object { Get-Literal $_.Value }) -join ', ') + ')' }
Set-Text "$planted/plant.sql" "CREATE TABLE planted (a, b, c, d, e, f); CREATE TABLE shown (id); CREATE VIEW $names AS SELECT 1 AS a;`nINSERT INTO planted VALUES $($rows -join ",`n");`n"
Set-Text "$planted/fail.sql" "INSERT INTO shown SELECT rowid FROM planted; DROP VIEW $names;`n"
Set-Text "$planted/mend.sql" "DELETE FROM shown; CREATE VIEW $names AS SELECT 1 AS a;`n"
$validations = foreach ($row in 1..$rows.Count) {
    "-- verify: nothing of row $row is shown`n-- expect: no rows`nSELECT '$control', * FROM planted WHERE rowid = $row AND rowid IN (SELECT id FROM shown);`n"
    "-- verify: row $row is there`nSELECT b FROM planted WHERE rowid = $row;`n"
}
Set-Text "$State/validations/planted.sql" (($validations -join "`n") + "`n-- verify: a view of an odd name`n-- expect: runs`nSELECT a FROM $names;`n")
