Describe 'A release of which nobody can be told' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        # Below what the system gives to connections: one of those may take it before it is listened on.
        do { $port = [System.Random]::Shared.Next(10000, 20000) } until ((Test-PortFree $port) -and (Test-PortFree ($port + 1)) -and (Test-PortFree ($port + 2)))
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

        $statuses = "$state/statuses.txt"
        $github = [System.Diagnostics.Process]::Start((Get-Dotnet), [string[]]@((Get-HostProgram), '-NonInteractive', "$PSScriptRoot/github-channel.ps1", '-Port', ($port + 2), '-File', $statuses, '-Expected', 8))
        $mail = [System.Diagnostics.Process]::Start('aiosmtpd', [string[]]@('-n', '-l', "127.0.0.1:$($port + 1)", '-c', 'aiosmtpd.handlers.Mailbox', "$state/mailbox"))
        $deadline = [System.DateTime]::UtcNow.AddSeconds(60)
        while ((-not [System.IO.File]::Exists($statuses) -or (Test-PortFree ($port + 1))) -and [System.DateTime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(50) }
        $note = $window | Add-DeploymentNote 'mail and GitHub were away' 'they are back'
        $github.WaitForExit()
        $deployment = @([System.IO.File]::ReadAllLines($statuses))
        $mails = @([System.IO.Directory]::GetFiles("$state/mailbox/new") | ForEach-Object { [System.IO.File]::ReadAllText($_) })
        $report = [System.IO.File]::ReadAllText($window.ReportPath)
    }

    AfterAll {
        foreach ($process in $channel, $github, $mail) { if ($process -and -not $process.HasExited) { $process.Kill() } }
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

    It 'tells mail and GitHub all of it by the next command once they live again' {
        "$($note.Kind)" | Should -Be 'Note'
        $mails | Should -HaveCount 2
        ($mails -match 'Subject: .*shop 2\.4\.0 in rehearsal: begins') | Should -HaveCount 1
        ($mails -match 'Subject: .*shop 2\.4\.0 in rehearsal: is complete') | Should -HaveCount 1
        $deployment -replace ' .*', '' -join ', ' | Should -Be 'in_progress, in_progress, in_progress, in_progress, in_progress, in_progress, success, success'
    }

    It 'shows in its report who was told, and that nobody waits any more' {
        $report | Should -Match 'Notices that were taken'
        $report | Should -Match 'deployments at '
        $report | Should -Not -Match 'Notices that wait'
    }
}
