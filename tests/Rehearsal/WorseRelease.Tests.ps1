Describe 'A release whose checkout fails, all at once' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'checkout-500'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
    }

    AfterAll { Reset-State }

    It 'ends with 3, on the old version' {
        $run.Code | Should -Be 3 -Because $run.Text
        $version | Should -Be '2.3.0'
    }

    It 'goes back for its smoke test, within 2 s of the decision' {
        $run.Text | Should -Match 'Smoke of shop-2\.4\.0-1 failed: '
        Get-TrafficBackAfter $window | Should -BeGreaterThan 0
        Get-TrafficBackAfter $window | Should -BeLessOrEqual 2
    }
}

Describe 'A release that is slow' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'slow'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
    }

    AfterAll { Reset-State }

    It 'ends with 3, on the old version' {
        $run.Code | Should -Be 3 -Because $run.Text
        $version | Should -Be '2.3.0'
    }

    It 'goes back for what customers wait, within 2 s of the decision' {
        $run.Text | Should -Match 'shop-2\.4\.0-1 failed: '
        Get-TrafficBackAfter $window | Should -BeGreaterThan 0
        Get-TrafficBackAfter $window | Should -BeLessOrEqual 2
    }
}

Describe 'A release that sells half as much' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        # At the usual load a fall by half takes minutes to be told from luck; ten times as many customers tell it within seconds.
        # The fault begins after ten seconds of traffic and is told from luck some looks later; the watch ends with that.
        $run = Invoke-Rehearsal '-Fault', 'fewer-orders', '-Load', '200', '-Watch', '00:00:30'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
    }

    AfterAll { Reset-State }

    It 'goes back, though each request was answered' {
        $run.Code | Should -Be 3 -Because $run.Text
        $version | Should -Be '2.3.0'
        $window.State | Should -Be 'RolledBack'
    }

    It 'says that the orders decided, against what they were' {
        $run.Text | Should -Match 'Monitoring of shop-2\.4\.0-1 failed: orders: [0-9.]+/s: [0-9]+ in '
        $run.Text | Should -Match 'baseline'
    }
}
