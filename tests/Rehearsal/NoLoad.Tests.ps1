Describe 'A release that nobody uses while it is watched' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Reset-State
        $run = Invoke-Script "$root/examples/shop/rehearse.ps1" '-State', $state, '-Load', '0', '-Watch', '00:00:08'
        $leftover = @(Get-Leftover)
        $window = @(Get-DeploymentWindow)[0]
    }

    AfterAll { Reset-State }

    It 'ends with 1, for missing evidence is no success' {
        $run.Code | Should -Be 1 -Because $run.Text
        $run.Text | Should -Match 'Inconclusive'
    }

    It 'stays open, on the new version, for a person to decide' {
        $window.State | Should -Be 'Open'
        $window.Phase | Should -Be 'Monitoring'
        $window.Outcome | Should -Be 'Inconclusive'
    }

    It 'leaves nothing running' { $leftover | Should -HaveCount 0 }
}
