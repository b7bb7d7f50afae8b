Describe 'The whole release in one line, with no catch' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $runbook = "$TestDrive/one-liner.ps1"
        [System.IO.File]::WriteAllText($runbook, @'
Start-DeploymentWindow "$PSScriptRoot/plan.psd1" | Invoke-DbMigration | Invoke-Rollout | Test-Smoke |
    Watch-DeploymentHealth -Duration 0:00:03 | Complete-DeploymentWindow
'@)
    }

    AfterAll { Reset-State }

    Context 'of a release whose checkout fails' {
        BeforeAll {
            Start-Shop '-Fault', 'checkout-500', '-Runbook', $runbook, '-Brief', '-Load', '45', '-Watch', '0:0:3'
            $run = Invoke-Script "$state/release.ps1"
            $window = @(Get-DeploymentWindow)[0]
            $version = Get-EdgeVersion
        }

        It 'goes back by itself' {
            $version | Should -Be '2.3.0'
            $window.State | Should -Be 'RolledBack'
            Get-TrafficBackAfter $window | Should -BeLessOrEqual 2
        }

        It 'says so' { $run.Text | Should -Match 'was rolled back: it goes forward no more' }

        It 'completes nothing' {
            @($window | Get-DeploymentLog -Phase Monitoring, Completion) | Should -HaveCount 0
        }
    }

    Context 'of a good release' {
        BeforeAll {
            Start-Shop '-Runbook', $runbook, '-Brief', '-Load', '45', '-Watch', '0:0:3'
            $run = Invoke-Script "$state/release.ps1"
            $window = @(Get-DeploymentWindow)[0]
            $version = Get-EdgeVersion
        }

        It 'goes to its end' {
            $run.Code | Should -Be 0 -Because $run.Text
            $window.State | Should -Be 'Completed'
            $version | Should -Be '2.4.0'
            (Get-Load).Failed | Should -Be 0
        }
    }
}
