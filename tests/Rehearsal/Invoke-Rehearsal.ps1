<# Runs Pester files under Pester 5, or where that is not installed, under the subset of it that lies beside this script.
   Path: the files; every *.Tests.ps1 beside this script unless given. #>
param([Parameter(ValueFromRemainingArguments)] [string[]]$Path)

$ErrorActionPreference = 'Stop'
if (-not $Path) {
    $Path = [System.IO.Directory]::GetFiles($PSScriptRoot, '*.Tests.ps1')
    [array]::Sort($Path, [System.StringComparer]::Ordinal)
}

$hasPester = try { Import-Module Pester -MinimumVersion 5.0; $true } catch { $false }
if ($hasPester -and $Path) {
    $result = Invoke-Pester -Configuration @{
        Run    = @{ Path = $Path; PassThru = $true }
        Output = @{ Verbosity = 'Detailed' }
    }
    # A file or a block that could not run has no test of its own to count.
    $count = @{
        Passed  = $result.PassedCount
        Failed  = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
        Skipped = $result.SkippedCount + $result.NotRunCount
    }
}
else {
    Import-Module $PSScriptRoot/PesterSubset.psm1
    $count = Invoke-PesterSubset -Path @($Path)
}

"$($count.Passed) passed, $($count.Failed) failed, $($count.Skipped) skipped"
exit ([int]($count.Failed -gt 0))
