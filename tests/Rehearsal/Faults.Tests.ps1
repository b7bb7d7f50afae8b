Describe 'A release that begins to fail while it is watched' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'late-errors'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
    }

    AfterAll { Reset-State }

    It 'ends with 3' { $run.Code | Should -Be 3 -Because $run.Text }

    It 'says what failed, what production is in and what to type next, as the README shows it' {
        $run.Text | Should -Match 'Monitoring of shop-2\.4\.0-1 failed: 5xx ratio: [0-9.]+ % of [0-9]+ in [0-9.]+ s; limit 5 % exceeded'
        $run.Text | Should -Match 'Production: 2\.3\.0 serves everything \(blue-1 100, blue-2 100, green-1 0, green-2 0\), green-1 and green-2 do not run, database shop migrated to 2\.4\.0\.2; it went back, all traffic after [0-9.]+ s\.'
        $run.Text | Should -Match 'Next: Look at what decided: Get-DeploymentWindow shop-2\.4\.0-1 \| Get-DeploymentLog -Kind Gate'
    }

    It 'has the settings of 2.3.0 again, as they were' {
        [System.IO.File]::ReadAllText("$state/settings/shop.json") | Should -Be '{"name":"Shop"}'
        @($window | Get-DeploymentLog -Target 'configuration/settings' -Kind Outcome) | Should -Not -HaveCount 0
    }

    It 'serves 2.3.0 through the edge again' { $version | Should -Be '2.3.0' }

    It 'has all traffic back within 2 s of the decision' {
        Get-TrafficBackAfter $window | Should -BeGreaterThan 0
        Get-TrafficBackAfter $window | Should -BeLessOrEqual 2
    }

    It 'is rolled back, and the log says so and is intact' {
        $window.State | Should -Be 'RolledBack'
        ($window | Test-DeploymentLog).IsIntact | Should -BeTrue
        $window.ReportPath | Should -Exist
    }
}

Describe 'A release that serves the wrong version' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'wrong-version'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
    }

    AfterAll { Reset-State }

    It 'ends with 3' { $run.Code | Should -Be 3 -Because $run.Text }

    It 'never reaches traffic' {
        $load.Failed | Should -Be 0
        $load.Sent | Should -BeGreaterThan 100
        @($window | Get-DeploymentLog -Target 'traffic' -Kind Intent) | Should -HaveCount 0
        $version | Should -Be '2.3.0'
    }

    It 'is rolled back, and the log is intact' {
        $window.State | Should -Be 'RolledBack'
        ($window | Test-DeploymentLog).IsIntact | Should -BeTrue
    }
}

Describe 'A release that does not start' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'crash-on-start'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
    }

    AfterAll { Reset-State }

    It 'ends with 3' { $run.Code | Should -Be 3 -Because $run.Text }

    It 'never reaches traffic' {
        $load.Failed | Should -Be 0
        $load.Sent | Should -BeGreaterThan 100
        @($window | Get-DeploymentLog -Target 'traffic' -Kind Intent) | Should -HaveCount 0
        $version | Should -Be '2.3.0'
    }
}
