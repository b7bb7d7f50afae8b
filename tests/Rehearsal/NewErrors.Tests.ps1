Describe 'A release that logs an error no release logged before' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Fault', 'new-errors'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $looks = @($window | Get-DeploymentLog -Kind CheckIn)
        $findings = foreach ($look in $looks) { $look.Data['findings'] | Where-Object { "$($_['metric'])" -eq 'logs' } }
    }

    AfterAll { Reset-State }

    It 'ends with 3, back on 2.3.0' {
        $run.Code | Should -Be 3 -Because $run.Text
        $version | Should -Be '2.3.0'
    }

    It 'is found within two check-ins' { $looks | Should -HaveCount 2 }

    It 'is told by its first line, and what was logged before is not' {
        "$($findings[-1]['verdict'])" | Should -Be 'Fail'
        "$($findings[-1]['detail'])" | Should -Match 'Stock of product \d+ is negative'
        "$($findings[-1]['detail'])" | Should -Not -Match 'Recommendations'
    }
}
