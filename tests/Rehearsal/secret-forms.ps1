# The forms in which a secret is planted and looked for: raw, base64 at each alignment, and escaped for URLs, JSON and HTML the way the usual writers
# of each do it. Written apart from the product's own list, by which it would only be compared with itself.

function ConvertTo-Escaped([string]$Text, [string]$Pattern, [scriptblock]$Escape) {
    [regex]::Replace($Text, $Pattern, [System.Text.RegularExpressions.MatchEvaluator] { param($match) & $Escape $match.Value })
}

function ConvertTo-Percent([string]$Text, [string]$Keep) {
    $result = [System.Text.StringBuilder]::new()
    foreach ($byte in [System.Text.Encoding]::UTF8.GetBytes($Text)) {
        $letter = [char]$byte
        if ($byte -lt 128 -and ([char]::IsAsciiLetterOrDigit($letter) -or $Keep.Contains($letter))) { $result.Append($letter) | Out-Null }
        else { $result.Append('%').Append($byte.ToString('X2')) | Out-Null }
    }
    $result.ToString()
}

function ConvertTo-Unicode([string]$Text, [string]$Format) { -join ($Text.ToCharArray() | ForEach-Object { '\u' + ([int]$_).ToString($Format) }) }

# What stands for a secret within base64 whatever stands beside it: the characters that it alone decides.
function Get-Base64([string]$Text) {
    $secret = [System.Text.Encoding]::UTF8.GetBytes($Text)
    foreach ($offset in 0, 1, 2) {
        $bytes = [byte[]]::new($offset + $secret.Length)
        $secret.CopyTo($bytes, $offset)
        $first = ($offset -eq 0) ? 0 : $offset + 1
        $base64 = [System.Convert]::ToBase64String($bytes).Substring($first, [int][System.Math]::Floor($bytes.Length * 8 / 6) - $first)
        $base64
        $base64.Replace('+', '-').Replace('/', '_')
    }
}

# Every form of one text, each once.
function Get-Form([string]$Text) {
    $forms = [System.Collections.Generic.List[string]]::new()
    $forms.Add($Text)
    $forms.AddRange([string[]]@(Get-Base64 $Text))

    # encodeURIComponent and its like in .NET, Java and Python; the last is what stays of a text within an address.
    foreach ($keep in '-_.~', "-_.~!'()*", '-_.*', '-_.~/', '-_.!~*''();/?:@&=+$,#') {
        $percent = ConvertTo-Percent $Text $keep
        foreach ($form in $percent, $percent.Replace('%20', '+')) {
            $forms.Add($form)
            $forms.Add((ConvertTo-Escaped $form '%[0-9A-F]{2}' { param($match) $match.ToLowerInvariant() }))
        }
    }

    # JSON: the least that is right, then what Python, PHP, Go, Newtonsoft and .NET escape besides.
    $json = $Text.Replace('\', '\\').Replace('"', '\"').Replace("`r", '\r').Replace("`n", '\n').Replace("`t", '\t')
    $forms.Add($json)
    foreach ($format in 'x4', 'X4') {
        $ascii = ConvertTo-Escaped $json '[^\x00-\x7f]' { param($match) ConvertTo-Unicode $match $format }
        $forms.Add($ascii)
        $forms.Add($ascii.Replace('/', '\/'))
        $forms.Add((ConvertTo-Escaped $json '[<>&]' { param($match) ConvertTo-Unicode $match $format }))
        $forms.Add((ConvertTo-Escaped $ascii '[<>&''+`]' { param($match) ConvertTo-Unicode $match $format }))
        $forms.Add((ConvertTo-Escaped $ascii.Replace('\"', '\u0022') '[<>&''+`]' { param($match) ConvertTo-Unicode $match $format }))
    }

    # HTML: text, an attribute, and the two ways of .NET.
    $html = $Text.Replace('&', '&amp;').Replace('<', '&lt;').Replace('>', '&gt;')
    $forms.Add($html)
    foreach ($quote in '&quot;', '&#34;') {
        $forms.Add($html.Replace('"', $quote))
        foreach ($apostrophe in '&#39;', '&#039;', '&#x27;', '&apos;') { $forms.Add($html.Replace('"', $quote).Replace("'", $apostrophe)) }
    }
    $forms.Add([System.Net.WebUtility]::HtmlEncode($Text))
    $forms.Add([System.Text.Encodings.Web.HtmlEncoder]::Default.Encode($Text))

    [System.Linq.Enumerable]::Distinct($forms)
}

# A text as a JSON string; relaxed, only what has to be is escaped.
function ConvertTo-JsonString([string]$Text, [switch]$Relaxed) {
    $encoder = $Relaxed ? [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping : [System.Text.Encodings.Web.JavaScriptEncoder]::Default
    '"' + $encoder.Encode($Text) + '"'
}
