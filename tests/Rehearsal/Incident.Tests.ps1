Describe 'A release during which releases are frozen and issues are opened again and again' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        # Below what the system gives to connections: one of those may take it before it is listened on.
        do { $port = [System.Random]::Shared.Next(10000, 20000) } until (Test-PortFree $port)
        Start-Shop '-Brief', '-Load', '45', '-Watch', '00:00:02', '-Issues', $port, '-Runbook', "$PSScriptRoot/incident-runbook.ps1"
        [System.IO.Directory]::CreateDirectory("$state/github") | Out-Null
        $github = [System.Diagnostics.Process]::Start((Get-Dotnet), [string[]]@((Get-HostProgram), '-NonInteractive', "$PSScriptRoot/github-issues.ps1", '-Port', $port, '-Folder', "$state/github"))
        while (-not [System.IO.File]::Exists("$state/github/ready.txt") -and -not $github.HasExited) { [System.Threading.Thread]::Sleep(50) }
        if ($github.HasExited) { throw "What stands for GitHub did not start: exit code $($github.ExitCode)." }
        $run = Invoke-Script "$state/release.ps1"
        [System.IO.File]::Delete("$state/github/ready.txt")
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
        $lines = @($run.Text -split "`n")
        $report = [System.IO.File]::ReadAllText($window.ReportPath)
        $phases = 'Preparation, Migration, Rollout, Smoke, Monitoring, Completion'
    }

    AfterAll {
        if ($github -and -not $github.HasExited) { $github.Kill() }
        Reset-State
    }

    It 'is refused before each of its six phases while there is a freeze' {
        $refused = @($lines | Where-Object { $_ -match 'was refused: IncidentOpen: .* did not begin: An incident is open: freeze\.json: the payment provider is down' })
        ($refused -replace ' was refused.*') -join ', ' | Should -Be $phases -Because $run.Text
    }

    It 'is refused before each of them while an issue is open' {
        $refused = @($lines | Where-Object { $_ -match 'was refused: IncidentOpen: .* did not begin: An incident is open: example/shop#42: payments fail' })
        ($refused -replace ' was refused.*') -join ', ' | Should -Be $phases -Because $run.Text
    }

    It 'is refused where GitHub cannot be asked' {
        @($lines | Where-Object { $_ -match '^Rollout was refused: IncidentsUnknown: .*example/shop \(incident\)' }) | Should -HaveCount 1 -Because $run.Text
    }

    It 'goes on once they are over, each time' {
        $run.Text | Should -Not -Match 'went on'
        $run.Code | Should -Be 0 -Because $run.Text
        $window.State | Should -Be 'Completed'
        $version | Should -Be '2.4.0'
        $load.Failed | Should -Be 0
    }

    It 'shows in its report what held it up' {
        $report | Should -Match 'the payment provider is down'
        $report | Should -Match 'payments fail'
    }
}
