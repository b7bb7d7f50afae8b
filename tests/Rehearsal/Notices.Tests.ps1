Describe 'A release of which nobody can be told' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        do { $port = [System.Random]::Shared.Next(32000, 40000) } until ((Test-PortFree $port) -and (Test-PortFree ($port + 1)))
        $env:SHOP_TOKEN = 'a token of nobody'
        Start-Shop '-Brief', '-Load', '45', '-Watch', '00:00:02', '-Channels', $port
        $run = Invoke-Script "$state/release.ps1"
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
        $waiting = @($window | Get-DeploymentLog -Kind NoticeSent)

        $heard = "$state/heard.txt"
        $channel = [System.Diagnostics.Process]::Start((Get-Dotnet), [string[]]@((Get-HostProgram), '-NonInteractive', "$PSScriptRoot/team-channel.ps1", '-Port', $port, '-File', $heard, '-Expected', 8))
        while (-not [System.IO.File]::Exists($heard) -and -not $channel.HasExited) { [System.Threading.Thread]::Sleep(50) }
        $delivery = $window | Send-DeploymentNotice 'the channels are back' -Audience Team -WarningVariable warnings -WarningAction SilentlyContinue
        $channel.WaitForExit()
        $told = @([System.IO.File]::ReadAllLines($heard))
    }

    AfterAll {
        if (-not $channel.HasExited) { $channel.Kill() }
        $env:SHOP_TOKEN = ''
        Reset-State
    }

    It 'goes to its end all the same' {
        $run.Code | Should -Be 0 -Because $run.Text
        $window.State | Should -Be 'Completed'
        $version | Should -Be '2.4.0'
        $load.Failed | Should -Be 0
    }

    It 'says so, and counts what waits' {
        $run.Text | Should -Match 'team did not take a notice, and \d+ wait for the next command'
        $run.Text | Should -Match 'all did not take a notice'
        $run.Text | Should -Match 'deployments did not take a notice'
        $waiting | Should -HaveCount 0
    }

    It 'is told from its beginning once a channel lives again, each change once and in order' {
        $told -replace '^\S+/\d+ ' -join "`n" | Should -Be (@(
            'Open shop 2.4.0 in rehearsal: is prepared'
            'Open shop 2.4.0 in rehearsal: Preparation succeeded'
            'Open shop 2.4.0 in rehearsal: Migration succeeded'
            'Open shop 2.4.0 in rehearsal: Rollout succeeded'
            'Open shop 2.4.0 in rehearsal: Smoke succeeded'
            'Open shop 2.4.0 in rehearsal: Monitoring succeeded'
            'Completed shop 2.4.0 in rehearsal: is complete'
            "Completed shop 2.4.0 in rehearsal: says $($window.Executor)"
        ) -join "`n")
        $delivery.Sent | Should -Be 8
    }

    It 'still keeps what the dead ones wait for' {
        $delivery.Waiting | Should -BeGreaterThan 0
        $warnings -join "`n" | Should -Match 'deployments did not take a notice'
    }
}
