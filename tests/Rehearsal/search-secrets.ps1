# Searches what a scenario of the matrix of secrets left for each secret in every form. Says a line a secret, "name|complaint|complaint...", with no
# complaint where it is seen to have travelled and is found nowhere. With -Prove it proves that the search finds what is there.
#
# What is not searched, because it is the user's own and holds what he put there: his plan, scripts, smoke files, validations and database, what is
# planted, the releases, and the logs that his shop writes. Below DEPLOYOPS_HOME two kinds of file hold what the user's hold, and nothing of them is shown:
# windows/*/files/<sha256>, the approved files byte by byte, by which a window goes back when the plan on the disk is another, and
# backups, which are copies of the database. They are left out only where they are that: equal to a file of the user, or a SQLite database; and
# nobody else may read them. Everything else must not hold a secret: journal, torn lines, evidence, manifests, reports, locks, approvals,
# what a terminal showed, what the team's webhook, mail and GitHub were told, and the arguments of every process that ran meanwhile. Of a longer secret a half is
# looked for too: what is cut in the middle of one is not recognised any more.
param([Parameter(Mandatory)][string]$State, [string]$Scenario = '', [switch]$Prove)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/secret-forms.ps1"

$strict = [System.Text.UTF8Encoding]::new($false, $false)

# Each string within JSON, names of properties too.
function Get-JsonText($Node) {
    if ($Node -is [System.Text.Json.Nodes.JsonObject]) { foreach ($pair in $Node.GetEnumerator()) { $pair.Key; Get-JsonText $pair.Value } }
    elseif ($Node -is [System.Text.Json.Nodes.JsonArray]) { foreach ($item in $Node.GetEnumerator()) { Get-JsonText $item } }
    elseif ($Node) { $Node.ToString() }
}

# A mail as who reads it sees it: its text decoded, and its subject.
function Get-MailText([string]$Text) {
    $bytes = { param($match) $strict.GetString([System.Convert]::FromHexString($match.Value.Replace('=', ''))) }
    $soft = [regex]::Replace($Text, '=\r?\n', '')
    [regex]::Replace($soft, '(=[0-9A-Fa-f]{2})+', [System.Text.RegularExpressions.MatchEvaluator]$bytes)
    if ($Text -match '(?im)^Content-Transfer-Encoding: *base64') {
        $body = [regex]::Replace($Text.Substring([regex]::Match($Text, '\r?\n\r?\n').Index), '\s', '')
        $strict.GetString([System.Convert]::FromBase64String($body))
    }
    $words = @(foreach ($word in [regex]::Matches($Text, '=\?utf-8\?([bq])\?([^?]*)\?=', 'IgnoreCase')) {
        if ($word.Groups[1].Value -eq 'b') { $strict.GetString([System.Convert]::FromBase64String($word.Groups[2].Value)) }
        else { [regex]::Replace($word.Groups[2].Value.Replace('_', ' '), '(=[0-9A-Fa-f]{2})+', [System.Text.RegularExpressions.MatchEvaluator]$bytes) }
    })
    $words -join ''
}

# A file's text as it is, and where it is a mail or JSON as whoever reads those sees it.
function Get-View([string]$Path, [string]$Text) {
    $text
    if ($Path -match '/mailbox/') { Get-MailText $text }
    if ($Path -match '\.jsonl$|\.json$') {
        foreach ($line in $text.Split("`n")) {
            try { if ($line) { (Get-JsonText ([System.Text.Json.Nodes.JsonNode]::Parse($line))) -join "`n" } }
            catch [System.Text.Json.JsonException] { }    # A file of several lines is one document, searched as text.
        }
    }
}

# Without what a terminal puts between the letters: colours and the ends of its lines.
function Get-Squeezed([string]$Text) { [regex]::Replace([regex]::Replace($Text, "\x1b\[[0-9;?]*[A-Za-z]", ''), '[\s\x00]+', '') }

# The forms to look for: of the secret and of each of its lines that is no common word.
function Get-Sought([string]$Value) {
    $values = @($Value)
    if ($Value.Contains("`n")) { $values += $Value.Split("`n") | Where-Object Length -GE 8 }
    $forms = @($values | ForEach-Object { Get-Form $_ })
    [System.Linq.Enumerable]::Distinct([string[]]$forms)
}

# The beginning and the end of a longer secret, and of each of its longer lines.
function Get-Half([string]$Value) {
    foreach ($one in @($Value) + $Value.Split("`n") | Where-Object Length -GE 14) { $one.Substring(0, 10); $one.Substring($one.Length - 10) }
}

# What is searched: each file as it is, as those see it who decode it, and squeezed, and all of them in one, since nearly every form is nowhere.
function Get-Haystack([string[]]$Paths) {
    $plain = [string[]]@(foreach ($path in $Paths) { (Get-View $path $strict.GetString([System.IO.File]::ReadAllBytes($path))) -join "`n" })
    $texts = [string[]]@(foreach ($text in $plain) { $text, [System.Net.WebUtility]::HtmlDecode($text), [uri]::UnescapeDataString($text) -join "`n" })
    $squeezed = [string[]]@(foreach ($text in $texts) { Get-Squeezed $text })
    [pscustomobject]@{ Paths = $Paths; Plain = $plain; AllPlain = $plain -join "`n"; Texts = $texts; Squeezed = $squeezed; All = $texts -join "`n"; AllSqueezed = $squeezed -join "`n" }
}

# The files in which a secret is found, with the form.
function Find-Secret([string]$Value, $Haystack) {
    foreach ($form in Get-Sought $Value) {
        $short = [regex]::Replace($form, '\s+', '')
        if (-not $Haystack.All.Contains($form, 'Ordinal') -and -not $Haystack.AllSqueezed.Contains($short, 'Ordinal')) { continue }
        for ($index = 0; $index -lt $Haystack.Paths.Count; $index++) {
            if ($Haystack.Texts[$index].Contains($form, 'Ordinal') -or $Haystack.Squeezed[$index].Contains($short, 'Ordinal')) { "$($Haystack.Paths[$index]) holds '$form'" }
        }
    }
}

# The files in which half a secret is found. Looked for in no text that is decoded for it: what was encoded twice is not cut.
function Find-Half([string]$Value, $Haystack) {
    foreach ($half in Get-Half $Value | Where-Object { $Haystack.AllPlain.Contains($_, 'Ordinal') }) {
        for ($index = 0; $index -lt $Haystack.Paths.Count; $index++) { if ($Haystack.Plain[$index].Contains($half, 'Ordinal')) { "$($Haystack.Paths[$index]) holds a half, '$half'" } }
    }
}

function Find-InFiles([string]$Value, [string[]]$Paths) {
    $haystack = Get-Haystack $Paths
    Find-Secret $Value $haystack
    Find-Half $Value $haystack
}

if ($Prove) {
    $value = "k7<'&`"+/=?%# é€\Q9zzW4"
    $folder = [System.IO.Directory]::CreateTempSubdirectory('deployops-secrets').FullName
    try {
        $escaped = ConvertTo-JsonString $value
        $cases = @(Get-Form $value | ForEach-Object { "before $_ after" })
        foreach ($prefix in '', 'u', 'us') { $cases += 'Basic ' + [System.Convert]::ToBase64String($strict.GetBytes("$prefix$value!")) }
        $cases += "`e[31mk7<'&`"+/=`e[0m`r`n?%# é€\Q9`r`nzzW4"
        $cases += "bash`0-c`0$value`0"
        $cases += "<td>$([System.Net.WebUtility]::HtmlEncode([System.Net.WebUtility]::HtmlEncode($value)))</td>"
        $number = 0
        foreach ($case in $cases) {
            $path = "$folder/$number.txt"
            [System.IO.File]::WriteAllText($path, $case)
            if (-not (Find-InFiles $value @($path))) { "control $number|is not found in: $case" }
            $number++
        }
        # Twice encoded: what was JSON already is a text of JSON.
        [System.IO.File]::WriteAllText("$folder/twice.jsonl", "{`"a`":1}`n{`"data`":{$(ConvertTo-JsonString $escaped):[1]}}`n")
        if (-not (Find-InFiles $value @("$folder/twice.jsonl"))) { 'control twice|is not found in the name of a property' }
        if (Find-InFiles "k8<'&`"+/=?%# é€\Q9zzW5" ([System.IO.Directory]::GetFiles($folder))) { 'control other|is found where it is not' }
        $wrapped = [System.Convert]::ToBase64String($strict.GetBytes("before $value after"), 'InsertLineBreaks')
        $quoted = [regex]::Replace("before $value after", '[^a-zA-Z0-9 ]', [System.Text.RegularExpressions.MatchEvaluator] { param($match) ConvertTo-Percent $match.Value '' }).Replace('%', '=').Insert(12, "=`r`n")
        $mails = @{
            base64 = "Content-Transfer-Encoding: base64`r`n`r`n$wrapped`r`n"
            quoted = "Content-Transfer-Encoding: quoted-printable`r`n`r`n$quoted`r`n"
            subject = "Subject: =?utf-8?B?$([System.Convert]::ToBase64String($strict.GetBytes($value.Substring(0, 9))))?=`r`n =?utf-8?Q?$(((ConvertTo-Percent $value.Substring(9) '').Replace('%', '=')))?=`r`n`r`nnothing`r`n"
        }
        [System.IO.Directory]::CreateDirectory("$folder/mailbox") | Out-Null
        foreach ($name in $mails.Keys) {
            [System.IO.File]::WriteAllText("$folder/mailbox/$name", $mails[$name])
            if (-not (Find-InFiles $value @("$folder/mailbox/$name"))) { "control $name|is not found in a mail: $($mails[$name])" }
        }
        foreach ($half in $value.Substring(0, 14), $value.Substring($value.Length - 14)) {
            [System.IO.File]::WriteAllText("$folder/half.txt", "before $half")
            if (-not (Find-InFiles $value @("$folder/half.txt"))) { "control half|is not found: $half" }
        }
        if ($number -lt 30) { "control|only $number forms were tried" }
    }
    finally { [System.IO.Directory]::Delete($folder, $true) }
    exit
}

$own = '^(planted|releases|smoke|validations|migrations|settings|logs|run)/|^(plan|databases)\.psd1$|^[^/]*\.(ps1|sh)$|^shop\.db'
$users = [System.Collections.Generic.HashSet[string]]::new()
$paths = [System.Collections.Generic.List[string]]::new()
foreach ($path in [System.IO.Directory]::GetFiles($State, '*', 'AllDirectories')) {
    $name = [System.IO.Path]::GetRelativePath($State, $path)
    if ($name -match '^releases/') { continue }
    if ($name -match $own) { $users.Add([System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($path)))) | Out-Null }
    else { $paths.Add($path) }
}
$wrong = [System.Collections.Generic.List[string]]::new()
$searched = [System.Collections.Generic.List[string]]::new()
foreach ($path in $paths) {
    $name = [System.IO.Path]::GetRelativePath($State, $path)
    $isKept = $name -match '^deployops/.*/windows/[^/]+/files/[0-9a-f]{64}$' -and $users.Contains([System.IO.Path]::GetFileName($path).ToUpperInvariant())
    $bytes = [System.IO.File]::ReadAllBytes($path)
    $isCopy = $name -match '^deployops/.*backup' -and $bytes.Length -gt 16 -and [System.Text.Encoding]::ASCII.GetString($bytes, 0, 15) -eq 'SQLite format 3'
    if (-not $isKept -and -not $isCopy) { $searched.Add($path); continue }
    if ([System.IO.File]::GetUnixFileMode($path) -band [System.IO.UnixFileMode]'GroupRead, OtherRead') { $wrong.Add("others may read $name, which holds what the user's file holds") }
}

$haystack = Get-Haystack $searched

# The value that is no secret travelled with them: where it does not come to, nothing proves that a secret would have.
$control = [System.IO.File]::ReadAllText("$State/planted/control")
# Of what the shop's own log says, the kinds of before the release stand in every journal; those that are new are quoted where a release fails by them.
$places = @(foreach ($file in '/journal\.jsonl$', '/evidence/[^/]+$', 'report\.html$', 'report\.md$', '/operations-[^/]+$', '/terminal\.log$', '/heard-team\.jsonl$', '/mailbox/new/[^/]+$') {
    [pscustomobject]@{ File = $file; Line = [regex]::Escape($control) }
})
$places += [pscustomobject]@{ File = '/journal\.jsonl$'; Line = "`"target`":`"logs`".*old[a-z]{2} $control" }
$places += [pscustomobject]@{ File = '/heard-github\.jsonl$'; Line = '"description":"shop-2\.4\.0-' }
if ($Scenario -eq 'failure') {
    foreach ($file in '/journal\.jsonl$', '/report\.html$', '/terminal\.log$', '/heard-team\.jsonl$', '/mailbox/new/[^/]+$') { $places += [pscustomobject]@{ File = $file; Line = "Store: new[abc] $control" } }
}
foreach ($place in $places) {
    $there = $false
    for ($index = 0; $index -lt $searched.Count; $index++) { if ($searched[$index] -match $place.File -and $haystack.Texts[$index] -match $place.Line) { $there = $true } }
    if (-not $there) { $wrong.Add("what travels with the secrets did not come to $($place.File) as $($place.Line)") }
}
if (-not $haystack.All.Contains('speak.sh')) { $wrong.Add('no argument list of a child was seen') }

$received = @{
    server = [System.IO.File]::ReadAllText("$State/planted/received.log")
    child = [System.IO.File]::ReadAllText("$State/planted/child.log")
}
foreach ($node in [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$State/planted/secrets.json")).AsArray().GetEnumerator()) {
    $value = "$($node['Value'])"
    $complaints = @($wrong) + @(@(Find-Secret $value $haystack; Find-Half $value $haystack) | ForEach-Object { $_.Replace("`n", ' ').Replace('|', '!') })
    $came = $received["$($node['Way'])"]
    if (-not (Get-Form $value | Where-Object { $came.Contains($_, 'Ordinal') })) { $complaints += "it never came to the $($node['Way'])" }
    (@("$($node['Name'])") + $complaints) -join '|'
}
