Describe 'A rolling release' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Strategy', 'Rolling', '-Watch', '00:00:06'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
        $served = foreach ($name in 'blue-1', 'blue-2', 'green-1', 'green-2') { (Get-Run "$state/run/$name.json").Version }
    }

    AfterAll { Reset-State }

    It 'ends with 0' { $run.Code | Should -Be 0 -Because $run.Text }

    It 'serves 2.4.0 on every instance' {
        $served -join ', ' | Should -Be '2.4.0, 2.4.0, 2.4.0, 2.4.0'
        $version | Should -Be '2.4.0'
    }

    It 'loses no request' {
        $load.Failed | Should -Be 0
        $load.Sent | Should -BeGreaterThan 300
    }

    It 'takes one instance after another out of the traffic' {
        $moves = $window | Get-DeploymentLog -Phase Rollout -Kind Outcome | Where-Object Target -match '^(drain|admit)/' | ForEach-Object Target
        $moves -join ', ' | Should -Be 'drain/blue-1, admit/blue-1, drain/blue-2, admit/blue-2, drain/green-1, admit/green-1, drain/green-2, admit/green-2'
    }
}

Describe 'A rolling release of two at a time' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $runbook = "$TestDrive/two-at-a-time.ps1"
        [System.IO.File]::WriteAllText($runbook, @'
$window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
$window | Invoke-DbMigration
$window | Invoke-Rollout -ThrottleLimit 2
'@)
        Start-Shop '-Strategy', 'Rolling', '-Batch', '2', '-Brief', '-Watch', '00:00:02', '-Runbook', $runbook
        $run = Invoke-Script "$state/release.ps1"
        $window = @(Get-DeploymentWindow)[0]
        $load = Get-Load
        $served = foreach ($name in 'blue-1', 'blue-2', 'green-1', 'green-2') { (Get-Run "$state/run/$name.json").Version }
    }

    AfterAll { Reset-State }

    It 'ends with 0 on every instance' {
        $run.Code | Should -Be 0 -Because $run.Text
        $served -join ', ' | Should -Be '2.4.0, 2.4.0, 2.4.0, 2.4.0'
    }

    It 'deploys two at the same time, and no more' {
        $turns = $window | Get-DeploymentLog -Phase Rollout | Where-Object { $_.Target -match '^deploy/' -and "$($_.Kind)" -in 'Intent', 'Outcome' } | ForEach-Object { "$($_.Kind)" }
        $turns -join ', ' | Should -Be 'Intent, Intent, Outcome, Outcome, Intent, Intent, Outcome, Outcome'
    }

    It 'loses no request' { $load.Failed | Should -Be 0 }
}

Describe 'A rolling release whose checkout fails' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $run = Invoke-Rehearsal '-Strategy', 'Rolling', '-Fault', 'checkout-500'
        $window = @(Get-DeploymentWindow)[0]
        $version = Get-EdgeVersion
        $load = Get-Load
        $served = foreach ($name in 'blue-1', 'blue-2', 'green-1', 'green-2') { (Get-Run "$state/run/$name.json").Version }
    }

    AfterAll { Reset-State }

    It 'ends with 3' { $run.Code | Should -Be 3 -Because $run.Text }

    It 'serves 2.3.0 on every instance again' {
        $served -join ', ' | Should -Be '2.3.0, 2.3.0, 2.3.0, 2.3.0'
        $version | Should -Be '2.3.0'
    }

    It 'refuses nobody: only what the fault fails is failed' { $load.Refused | Should -Be 0 }

    It 'is rolled back, and the log is intact' {
        $window.State | Should -Be 'RolledBack'
        ($window | Test-DeploymentLog).IsIntact | Should -BeTrue
    }
}
