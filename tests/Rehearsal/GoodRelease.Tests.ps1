Describe 'A good release' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Watch', '00:00:10'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $settings = [System.IO.File]::ReadAllText("$state/settings/shop.json")
        $test = Test-DeploymentPlan "$state/plan.psd1"
        $registered = $window | Register-ExtendedMonitoring -Scheduler None
        [System.Threading.Thread]::Sleep(4000)    # Customers go on buying, so that there is something to judge.
        $checkIn = Invoke-Script "$root/module/check-in.ps1" '-Id', $window.Id
        $ended = $window | Unregister-ExtendedMonitoring
        $stopped = Stop-Shop
        $leftover = @(Get-Leftover)
        $load = Get-Load
    }

    AfterAll { Reset-State }

    It 'ends with 0' { $run.Code | Should -Be 0 -Because $run.Text }

    It 'serves 2.4.0 through the edge' { $version | Should -Be '2.4.0' }

    It 'brings the setting that it is the first to need' { $settings | Should -Be '{"name":"Shop","newOrderStatus":"placed"}' }

    It 'loses no request' {
        $load.Failed | Should -Be 0
        $load.Refused | Should -Be 0
        $load.Sent | Should -BeGreaterThan 300
        $run.Text | Should -Match 'Requests sent: \d+, failed: 0'
    }

    It 'passes every phase once' {
        $window.State | Should -Be 'Completed'
        $ended = @($window | Get-DeploymentLog -Kind PhaseEnded | ForEach-Object { "$($_.Phase) $($_.Data['outcome'])" })
        $ended -join ', ' | Should -Be 'Preparation Succeeded, Migration Succeeded, Rollout Succeeded, Smoke Succeeded, Monitoring Succeeded, Completion Succeeded'
    }

    It 'shows each part with its evidence in the report' {
        $page = [System.IO.File]::ReadAllText($window.ReportPath)
        foreach ($title in 'Timeline', 'Incidents and notices', 'Preparation and backups', 'Database migration', 'Rollout', 'Smoke tests', 'Monitoring', 'Extended monitoring', 'Execution log') {
            $page | Should -Match "<h2 id=""[a-z-]+"">$title</h2>"
        }
        $page | Should -Match 'settings-[^<]*\.tar'
        $page | Should -Match 'Rehearsed on the restored backup, and done in production'
        foreach ($phase in 'Preparation', 'Migration', 'Rollout', 'Smoke', 'Monitoring', 'Completion') { $page | Should -Match "data-label=""Before"">$phase</th>" }
    }

    It 'rehearses the scripts on the restored backup before it touches production' {
        $rehearsed = @($window | Get-DeploymentLog -Target 'rehearsal/shop')[0]
        $rehearsed.Phase | Should -Be 'Preparation'
        @($rehearsed.Data['scripts'].AsArray()) | Should -HaveCount 2
        "$($rehearsed.Data['pointOfNoReturn'])" | Should -Be ''
        $rehearsed.Message | Should -Match 'every script can be taken back'
        @($test.Rehearsals)[0].ToString() | Should -Match 'V2_4_0_1__add_orders_status\.sql .*, taken back exactly'
        @($window | Get-DeploymentLog -Target 'migrate/shop/2.4.0.1' -Kind Outcome)[0].Data['evidence'].ToString() | Should -Match 'applied in .*; .* when it was rehearsed'
    }

    It 'leaves a log that is intact and a report' {
        ($window | Test-DeploymentLog).IsIntact | Should -BeTrue
        $window.LogPath | Should -Exist
        $window.ReportPath | Should -Exist
        $run.Text | Should -BeLike "*$($window.LogPath)*"
        $run.Text | Should -BeLike "*$($window.ReportPath)*"
    }

    It 'is looked after by check-ins, each a process of its own' {
        $registered.Registration.Command | Should -BeLike '*check-in.ps1*'
        $checkIn.Code | Should -Be 0 -Because $checkIn.Text
        $checkIn.Text | Should -Match 'check-in 1: Healthy'
        $ended.CheckIns | Should -Be 1
    }

    It 'is stopped by stop.ps1, whole' {
        $stopped.Code | Should -Be 0 -Because $stopped.Text
        $leftover | Should -HaveCount 0
    }
}
