# How GitHub answers about deployments, as far as they are asked about: each that is made has a number and statuses of its own, newest first.

$deployments = [System.Collections.Generic.List[string]]::new()
$statuses = [System.Collections.Generic.List[object]]::new()

# The code and the body of the answer to a request for the deployments of example/shop.
function Get-GitHubReply($Request, [string]$Body) {
    $isPost = $Request.HttpMethod -eq 'POST'
    switch -Regex ($Request.Url.AbsolutePath) {
        '/repos/example/shop/deployments$' {
            if (-not $isPost) { return 200, "[$($deployments -join ',')]" }
            $asked = [System.Text.Json.Nodes.JsonNode]::Parse($Body)
            $shown = [System.Text.Json.Nodes.JsonNode]::Parse("{`"id`":$($deployments.Count + 1),`"payload`":{}}")
            foreach ($name in 'ref', 'environment', 'description') { $shown[$name] = [System.Text.Json.Nodes.JsonValue]::Create("$($asked[$name])") }
            $deployments.Insert(0, $shown.ToJsonString())
            return 201, $deployments[0]
        }
        '/repos/example/shop/deployments/(\d+)/statuses$' {
            $number = $Matches[1]
            if (-not $isPost) { return 200, "[$(@($statuses | Where-Object Deployment -EQ $number | ForEach-Object Body) -join ',')]" }
            $statuses.Insert(0, [pscustomobject]@{ Deployment = $number; Body = $Body })
            return 201, $Body
        }
    }
    404, '{"message":"Not Found"}'
}
