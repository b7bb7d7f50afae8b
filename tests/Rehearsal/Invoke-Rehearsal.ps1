<# Runs Pester files under Pester 5 or later, or where that is not installed, under the subset of it that lies beside this script. Under pwsh the release runs in
   pwsh too, else in DeployOps.Host. The first line says which runner and which engine it is.
   Path: the files; every *.Tests.ps1 beside this script unless given.
   RequirePester: a Pester that cannot be loaded is a failure, so that no run is the subset's by mistake. #>
param([Parameter(ValueFromRemainingArguments)] [string[]]$Path, [switch]$RequirePester)

$ErrorActionPreference = 'Stop'
if (-not $Path) {
    $Path = [System.IO.Directory]::GetFiles($PSScriptRoot, '*.Tests.ps1')
    [array]::Sort($Path, [System.StringComparer]::Ordinal)
}

$engine = "PowerShell $($PSVersionTable.PSVersion) in $($Host.Name)"
$pester = $null
try { $pester = Import-Module Pester -MinimumVersion 5.0 -PassThru }
catch {
    if ($RequirePester) { throw "Pester 5 or later is required, and is not loaded in ${engine}: $_" }
    "Runner: the subset of Pester; $engine. Pester is not loaded: $_"
}
# Each file sets the home of its own release.
$homeBefore = $env:DEPLOYOPS_HOME
try {
    if ($pester -and $Path) {
        "Runner: Pester $($pester.Version); $engine"
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
}
finally { $env:DEPLOYOPS_HOME = $homeBefore }

"$($count.Passed) passed, $($count.Failed) failed, $($count.Skipped) skipped"
exit ([int]($count.Failed -gt 0))
