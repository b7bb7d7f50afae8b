Describe 'A release that fails when the old one can not be started any more' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        Reset-State
        $loss = [System.Diagnostics.Process]::Start((Get-Dotnet), [string[]]@((Get-HostProgram), '-NonInteractive', "$PSScriptRoot/lose-old-release.ps1", '-State', $state))
        $run = Invoke-Rehearsal '-Fault', 'new-errors'
        $loss.WaitForExit()
        $failed = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $back = $failed | Invoke-Rollback -AcceptLessCapacity -Reason 'blue-2 carries it until the night is over' -Confirm:$false
        $window = @(Get-DeploymentWindow)[0]
        $versionAfter = Get-EdgeVersion
    }

    AfterAll {
        foreach ($file in @{ 'Shop.dll.away' = 'releases/2.3.0/Shop.dll'; 'source.away' = 'releases/source' }.GetEnumerator()) {
            if ([System.IO.File]::Exists("$state/$($file.Key)")) { [System.IO.File]::Move("$state/$($file.Key)", "$state/$($file.Value)") }
        }
        Reset-State
    }

    It 'ends with 4' {
        $loss.ExitCode | Should -Be 0
        $run.Code | Should -Be 4 -Because $run.Text
    }

    It 'leaves the traffic where it is, on 2.4.0' {
        $failed.State | Should -Be 'RollbackFailed'
        $version | Should -Be '2.4.0'
    }

    It 'says what failed, what production is in and what to type next' {
        $run.Text | Should -Match 'Monitoring of shop-2\.4\.0-1 failed: '
        $run.Text | Should -Match 'Release 2\.3\.0 is not there to be run'
        $run.Text | Should -Match 'Next: .*Get-DeploymentWindow shop-2\.4\.0-1 \| Invoke-Rollback .*-AcceptLessCapacity'
    }

    It 'goes back on what is left of the old release by that command' {
        "$($back.Outcome)" | Should -Be 'RolledBack'
        $window.State | Should -Be 'RolledBack'
        ($window | Test-DeploymentLog).IsIntact | Should -BeTrue
        $versionAfter | Should -Be '2.3.0'
    }
}
