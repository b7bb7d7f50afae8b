Describe 'A release whose checkout fails' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'checkout-500'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
    }

    AfterAll { Reset-State }

    It 'ends with 3' { $run.Code | Should -Be 3 -Because $run.Text }

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
