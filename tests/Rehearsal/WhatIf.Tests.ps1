Describe 'A dry run of the whole release' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"

        # Path and content of every file, but for what the running shop itself writes.
        function Get-FileState {
            foreach ($file in [System.IO.Directory]::GetFiles($state, '*', 'AllDirectories')) {
                $name = [System.IO.Path]::GetRelativePath($state, $file)
                if ($name -notmatch '^(logs/|releases/)') {
                    '{0} {1}' -f $name, [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($file)))
                }
            }
        }

        $runbook = "$TestDrive/dry-run.ps1"
        [System.IO.File]::WriteAllText($runbook, @'
$ErrorActionPreference = 'Stop'
Start-DeploymentWindow "$PSScriptRoot/plan.psd1" -WhatIf | Invoke-DbMigration -WhatIf | Invoke-Rollout -WhatIf | Test-Smoke -WhatIf |
    Watch-DeploymentHealth -WhatIf | Complete-DeploymentWindow -WhatIf -OutVariable last | Out-Null
"last: $($last.Phase) $($last.Outcome)"
$WhatIfPreference = $true
$window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
$results = $window | Invoke-DbMigration
$results = @($results) + ($window | Invoke-Rollout) + ($window | Test-Smoke) + ($window | Watch-DeploymentHealth) + ($window | Complete-DeploymentWindow)
foreach ($result in $results) { "each: $($result.Phase) $($result.Outcome)" }
'@)
        # Without load: the customers would write to the database themselves.
        Start-Shop '-Load', '0', '-Runbook', $runbook
        $before = @(Get-FileState)
        $run = Invoke-Script "$state/release.ps1"
        $after = @(Get-FileState)
        $version = Get-EdgeVersion
    }

    AfterAll { Reset-State }

    It 'goes through every phase' {
        $run.Code | Should -Be 0 -Because $run.Text
        $run.Text | Should -Match 'last: Completion Planned'
        foreach ($phase in 'Migration', 'Rollout', 'Smoke', 'Monitoring', 'Completion') { $run.Text | Should -Match "each: $phase Planned" }
    }

    It 'says what it would do' {
        $run.Text | Should -Match 'What if: .*Apply 2 migrations'
        $run.Text | Should -Match 'What if: .*2\.3\.0 -> 2\.4\.0'
    }

    It 'changes no file, no database and no weight' {
        foreach ($file in 'shop.db', 'edge.json', 'plan.psd1') { @($before | Where-Object { $_ -like "$file *" }) | Should -HaveCount 1 }
        $after -join "`n" | Should -Be ($before -join "`n")
        $version | Should -Be '2.3.0'
    }

    It 'opens no window' { @(Get-DeploymentWindow) | Should -HaveCount 0 }
}
