Describe 'A release that nobody uses while it is watched' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Reset-State
        # As it is typed in a terminal that goes on afterwards.
        $terminal = "$TestDrive/terminal.ps1"
        [System.IO.File]::WriteAllText($terminal, @'
param($Rehearse, $State)
$env:DEPLOYOPS_HOME = '/its/own/home'
try { & $Rehearse -State $State -Load 0 -Watch 00:00:08 }
finally { "The home afterwards: $env:DEPLOYOPS_HOME" }
'@)
        $run = Invoke-Script $terminal '-Rehearse', "$root/examples/shop/rehearse.ps1", '-State', $state
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

    It 'leaves the terminal the home that it had, and tells its own' {
        $run.Text | Should -BeLike '*The home afterwards: /its/own/home*'
        $run.Text | Should -BeLike ('*To look at it: $env:DEPLOYOPS_HOME = ''{0}''; Get-DeploymentWindow*' -f "$state/deployops")
    }

    It 'leaves nothing running' { $leftover | Should -HaveCount 0 }
}
