# Searches what a scenario of the matrix of secrets left for each secret in every form. Says a line a secret, "name|complaint|complaint...", with no
# complaint where it is seen to have travelled and is found nowhere. With -Prove it proves that the search finds what is there.
#
# What is not searched, because it is the user's own and holds what he put there: his plan, scripts, smoke files, validations and database, what is
# planted, the releases, and the logs of his shop. Below DEPLOYOPS_HOME two kinds of file hold what the user's hold, and nothing of them is shown:
# windows/*/files/<sha256>, the approved files byte by byte, by which a window goes back when the plan on the disk is another, and
# backups, which are copies of the database. They are left out only where they are that: equal to a file of the user, or a SQLite database; and
# nobody else may read them. Everything else must not hold a secret: journal, torn lines, evidence, manifests, reports, locks, approvals,
# what a terminal showed, and the arguments of every process that ran meanwhile.
param([Parameter(Mandatory)][string]$State, [switch]$Prove)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/secret-forms.ps1"

$strict = [System.Text.UTF8Encoding]::new($false, $false)

# Each string within JSON, names of properties too.
function Get-JsonText($Node) {
    if ($Node -is [System.Text.Json.Nodes.JsonObject]) { foreach ($pair in $Node.GetEnumerator()) { $pair.Key; Get-JsonText $pair.Value } }
    elseif ($Node -is [System.Text.Json.Nodes.JsonArray]) { foreach ($item in $Node.GetEnumerator()) { Get-JsonText $item } }
    elseif ($Node) { $Node.ToString() }
}

# A file's text as it is, and as those see it who decode it.
function Get-View([string]$Path) {
    $text = $strict.GetString([System.IO.File]::ReadAllBytes($Path))
    $text
    [System.Net.WebUtility]::HtmlDecode($text)
    [uri]::UnescapeDataString($text)
    if ($Path -match '\.jsonl$|\.json$') {
        foreach ($line in $text.Split("`n")) {
            try { if ($line) { (Get-JsonText ([System.Text.Json.Nodes.JsonNode]::Parse($line))) -join "`n" } }
            catch [System.Text.Json.JsonException] { }    # A file of several lines is one document, searched as text.
        }
    }
}

# Without what a terminal puts between the letters: colours and the ends of its lines.
function Get-Squeezed([string]$Text) { [regex]::Replace([regex]::Replace($Text, "\x1b\[[0-9;?]*[A-Za-z]", ''), '[\s\x00]+', '') }

# The forms to look for: of the secret, and of each of its lines that is no common word.
function Get-Sought([string]$Value) {
    $values = @($Value)
    if ($Value.Contains("`n")) { $values += $Value.Split("`n") | Where-Object Length -GE 8 }
    [System.Linq.Enumerable]::Distinct([string[]]@($values | ForEach-Object { Get-Form $_ }))
}

# What is searched: each file as it is and squeezed, and all of them in one, since nearly every form is nowhere.
function Get-Haystack([string[]]$Paths) {
    $texts = [string[]]@(foreach ($path in $Paths) { (Get-View $path) -join "`n" })
    $squeezed = [string[]]@(foreach ($text in $texts) { Get-Squeezed $text })
    [pscustomobject]@{ Paths = $Paths; Texts = $texts; Squeezed = $squeezed; All = $texts -join "`n"; AllSqueezed = $squeezed -join "`n" }
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

function Find-InFiles([string]$Value, [string[]]$Paths) { Find-Secret $Value (Get-Haystack $Paths) }

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
        if (Find-InFiles "k8<'&`"+/=?%# é€\Q9zzW4" ([System.IO.Directory]::GetFiles($folder))) { 'control other|is found where it is not' }
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
foreach ($place in '/journal\.jsonl$', '/evidence/[^/]+$', 'report\.html$', 'report\.md$', '/operations-[^/]+$', '/terminal\.log$') {
    $there = $false
    for ($index = 0; $index -lt $searched.Count; $index++) { if ($searched[$index] -match $place -and $haystack.Texts[$index].Contains($control)) { $there = $true } }
    if (-not $there) { $wrong.Add("what travels with the secrets did not come to $place") }
}
if (-not $haystack.All.Contains('speak.sh')) { $wrong.Add('no argument list of a child was seen') }

$received = @{
    server = [System.IO.File]::ReadAllText("$State/planted/received.log")
    child = [System.IO.File]::ReadAllText("$State/planted/child.log")
}
foreach ($node in [System.Text.Json.Nodes.JsonNode]::Parse([System.IO.File]::ReadAllText("$State/planted/secrets.json")).AsArray().GetEnumerator()) {
    $value = "$($node['Value'])"
    $complaints = @($wrong) + @(Find-Secret $value $haystack | ForEach-Object { $_.Replace("`n", ' ').Replace('|', '!') })
    $came = $received["$($node['Way'])"]
    if (-not (Get-Form $value | Where-Object { $came.Contains($_, 'Ordinal') })) { $complaints += "it never came to the $($node['Way'])" }
    (@("$($node['Name'])") + $complaints) -join '|'
}
