Describe 'A release during which releases are frozen again and again' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Start-Shop '-Brief', '-Load', '45', '-Watch', '00:00:02', '-Runbook', "$PSScriptRoot/incident-runbook.ps1"
        $run = Invoke-Script "$state/release.ps1"
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
    }

    AfterAll { Reset-State }

    It 'is refused before each of its six phases' {
        $refused = @($run.Text -split "`n" | Where-Object { $_ -match 'was refused: IncidentOpen: .* did not begin: An incident is open: freeze\.json: the payment provider is down' })
        ($refused -replace ' was refused.*') -join ', ' | Should -Be 'Preparation, Migration, Rollout, Smoke, Monitoring, Completion' -Because $run.Text
    }

    It 'goes on once the freeze is lifted, each time' {
        $run.Code | Should -Be 0 -Because $run.Text
        $window.State | Should -Be 'Completed'
        $version | Should -Be '2.4.0'
        $load.Failed | Should -Be 0
    }
}
