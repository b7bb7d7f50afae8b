# The part of Pester 5 that the rehearsals use, in the language and the engine's core cmdlets alone, for machines that cannot get
# Pester. A file is read first, which collects its blocks; then they run. Names that begin with ____ cannot meet a test's own.

# Never assigned again, so that it is found from a test file too, whose own script scope hides this module's.
$____state = @{ Block = $null; Tally = $null }

function New-SubsetBlock {
    param([string]$Name, $Parent, [bool]$Skip)
    @{ Name = $Name; Parent = $Parent; Skip = $Skip; Children = [System.Collections.Generic.List[object]]::new()
        BeforeAll = $null; AfterAll = $null; BeforeEach = $null; AfterEach = $null }
}

function Describe {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string]$Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock]$Fixture,
        [string[]]$Tag,
        [switch]$Skip
    )
    $parent = $____state.Block
    $block = New-SubsetBlock -Name $Name -Parent $parent -Skip ($Skip -or $parent.Skip)
    $parent.Children.Add($block)
    $____state.Block = $block
    try { $null = & $Fixture } finally { $____state.Block = $parent }
}

function Context {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string]$Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock]$Fixture,
        [string[]]$Tag,
        [switch]$Skip
    )
    Describe @PSBoundParameters
}

function It {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string]$Name,
        [Parameter(Mandatory, Position = 1)] [scriptblock]$Test,
        [string[]]$Tag,
        [switch]$Skip
    )
    $block = $____state.Block
    if ($null -eq $block.Parent) { throw "It '$Name' must stand inside a Describe or a Context." }
    $block.Children.Add(@{ Name = $Name; Test = $Test; Skip = $Skip -or $block.Skip })
}

function Set-SubsetStep {
    param([string]$Step, [scriptblock]$Body)
    if ($null -ne $____state.Block[$Step]) { throw "$Step stands twice in one block." }
    $____state.Block[$Step] = $Body
}

function BeforeAll { param([Parameter(Mandatory)] [scriptblock]$Scriptblock) Set-SubsetStep BeforeAll $Scriptblock }
function AfterAll { param([Parameter(Mandatory)] [scriptblock]$Scriptblock) Set-SubsetStep AfterAll $Scriptblock }
function BeforeEach { param([Parameter(Mandatory)] [scriptblock]$Scriptblock) Set-SubsetStep BeforeEach $Scriptblock }
function AfterEach { param([Parameter(Mandatory)] [scriptblock]$Scriptblock) Set-SubsetStep AfterEach $Scriptblock }

function Set-ItResult {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [switch]$Skipped, [string]$Because)
    throw [System.Management.Automation.ErrorRecord]::new([System.Exception]::new($Because), 'SubsetSkipped', 'NotSpecified', $null)
}

function Get-SubsetText {
    param($Value)
    if ($null -eq $Value) { '$null' }
    elseif ($Value -is [string]) { "'$Value'" }
    elseif ($Value -is [System.Collections.IEnumerable] -and $Value -isnot [System.Collections.IDictionary]) {
        '@(' + (@($Value | ForEach-Object { Get-SubsetText $_ }) -join ', ') + ')'
    }
    else { "$Value" }
}

function Test-SubsetEqual {
    param($Actual, $Expected, [bool]$CaseSensitive)
    $isList = $Actual -is [array] -or $Expected -is [array]
    if ($isList) {
        $left = @($Actual); $right = @($Expected)
        if ($left.Count -ne $right.Count) { return $false }
        for ($i = 0; $i -lt $left.Count; $i++) {
            if (-not (Test-SubsetEqual $left[$i] $right[$i] $CaseSensitive)) { return $false }
        }
        return $true
    }
    if ($null -eq $Actual -or $null -eq $Expected) { return $null -eq $Actual -and $null -eq $Expected }
    if ($CaseSensitive) { $Actual -ceq $Expected } else { $Actual -eq $Expected }
}

function Invoke-SubsetThrow {
    param($____body, $____message, $____id, $____type)
    if ($____body -isnot [scriptblock]) { throw 'Should -Throw judges a script block: { ... } | Should -Throw' }
    $____thrown = $null
    try { $null = & $____body } catch { $____thrown = $_ }
    $____wrong = if ($null -eq $____thrown) { 'nothing was thrown' }
    elseif ($____message -and $____thrown.Exception.Message -notlike $____message) { "the message is '$($____thrown.Exception.Message)'" }
    elseif ($____id -and $____thrown.FullyQualifiedErrorId -notlike $____id) { "the id is '$($____thrown.FullyQualifiedErrorId)'" }
    elseif ($____type -and $____thrown.Exception -isnot $____type) { "the exception is a $($____thrown.Exception.GetType().FullName)" }
    @{ Thrown = $____thrown; Wrong = $____wrong }
}

function Should {
    [CmdletBinding()]
    param(
        [Parameter(ValueFromPipeline)] $ActualValue,
        [Parameter(Position = 0)] $ExpectedValue,
        [switch]$Not, [string]$Because,
        [switch]$Be, [switch]$BeExactly, [switch]$BeTrue, [switch]$BeFalse, [switch]$BeNullOrEmpty, [switch]$Match, [switch]$BeLike,
        [switch]$BeGreaterThan, [switch]$BeGreaterOrEqual, [switch]$BeLessThan, [switch]$BeLessOrEqual, [switch]$BeOfType,
        [switch]$Contain, [switch]$Exist, [switch]$HaveCount,
        [switch]$Throw, [string]$ExpectedMessage, [string]$ErrorId, [type]$ExceptionType, [switch]$PassThru
    )
    begin { $____items = [System.Collections.Generic.List[object]]::new() }
    process {
        $____given = $MyInvocation.ExpectingInput -or $PSBoundParameters.ContainsKey('ActualValue')
        if ($____given) { $____items.Add($ActualValue) }
    }
    end {
        $____all = if ($____items.Count -eq 1 -and -not $MyInvocation.ExpectingInput) { , @($____items[0]) } else { , $____items.ToArray() }
        $____actual = if ($____all.Count -eq 1) { $____all[0] } elseif ($____all.Count -gt 1) { , $____all } else { $null }
        $____what = @('Be', 'BeExactly', 'BeTrue', 'BeFalse', 'BeNullOrEmpty', 'Match', 'BeLike', 'BeGreaterThan', 'BeGreaterOrEqual', 'BeLessThan',
            'BeLessOrEqual', 'BeOfType', 'Contain', 'Exist', 'HaveCount', 'Throw') | Where-Object { $PSBoundParameters.ContainsKey($_) }
        if (@($____what).Count -ne 1) { throw "Should takes one judgement, such as -Be; it was given $(@($____what).Count)." }

        $____detail = "expected -$____what $(Get-SubsetText $ExpectedValue), got $(Get-SubsetText $____actual)"
        $____holds = switch ($____what) {
            'Be' { Test-SubsetEqual $____actual $ExpectedValue $false }
            'BeExactly' { Test-SubsetEqual $____actual $ExpectedValue $true }
            'BeTrue' { [bool]$____actual }
            'BeFalse' { -not $____actual }
            'BeNullOrEmpty' { $null -eq $____actual -or ($____actual -is [string] -and $____actual -eq '') -or @($____actual).Count -eq 0 }
            'Match' { $____actual -match $ExpectedValue }
            'BeLike' { $____actual -like $ExpectedValue }
            'BeGreaterThan' { $____actual -gt $ExpectedValue }
            'BeGreaterOrEqual' { $____actual -ge $ExpectedValue }
            'BeLessThan' { $____actual -lt $ExpectedValue }
            'BeLessOrEqual' { $____actual -le $ExpectedValue }
            'BeOfType' { $____actual -is $ExpectedValue }
            'Contain' { $____all -contains $ExpectedValue }
            'Exist' { [System.IO.File]::Exists($____actual) -or [System.IO.Directory]::Exists($____actual) }
            'HaveCount' { $____all.Count -eq $ExpectedValue }
            'Throw' {
                if (-not $ExpectedMessage) { $ExpectedMessage = [string]$ExpectedValue }
                $____outcome = Invoke-SubsetThrow $____actual $ExpectedMessage $ErrorId $ExceptionType
                $____detail = "expected -Throw $ErrorId $ExpectedMessage, but $(if ($____outcome.Wrong) { $____outcome.Wrong } else { "this was thrown: $($____outcome.Thrown)" })"
                -not $____outcome.Wrong
            }
        }
        if ([bool]$____holds -eq [bool]$Not) {
            throw "$(if ($Not) { 'not ' })$____detail$(if ($Because) { ", because $Because" })"
        }
        if ($PassThru -and $Throw) { $____outcome.Thrown }
    }
}

# Bound to this module, a test's blocks share the scopes of the functions below: what BeforeAll sets is there in It, and gone after its block.
function Get-SubsetBound {
    param([scriptblock]$Body)
    $ExecutionContext.SessionState.Module.NewBoundScriptBlock($Body)
}

function Write-SubsetLine {
    param([int]$Depth, [string]$Text)
    $Host.UI.WriteLine('  ' * $Depth + $Text)
}

function Add-SubsetResult {
    param([int]$Depth, [string]$Name, [string]$Outcome, $Detail)
    $____state.Tally[$Outcome]++
    $mark = @{ Passed = '[+]'; Failed = '[-]'; Skipped = '[!]' }[$Outcome]
    Write-SubsetLine $Depth "$mark $Name$(if ($Outcome -eq 'Skipped' -and $Detail) { " ($Detail)" })"
    if ($Outcome -eq 'Failed') {
        Write-SubsetLine ($Depth + 1) "$Detail"
        $place = "$($Detail.ScriptStackTrace)" -split "`n" | Where-Object { $_ -notlike '*PesterSubset.psm1*' }
        if ($place) { Write-SubsetLine ($Depth + 1) @($place)[0] }
    }
}

function Complete-SubsetBlock {
    param($Block, [int]$Depth, [string]$Outcome, $Detail)
    foreach ($child in $Block.Children) {
        if ($child.Test) { Add-SubsetResult $Depth $child.Name $Outcome $Detail } else { Complete-SubsetBlock $child $Depth $Outcome $Detail }
    }
}

function Get-SubsetStep {
    param($Block, [string]$Step)
    for (; $null -ne $Block; $Block = $Block.Parent) { if ($null -ne $Block[$Step]) { Get-SubsetBound $Block[$Step] } }
}

function Invoke-SubsetTest {
    param($____test, $____block)
    $____before = @(Get-SubsetStep $____block BeforeEach)
    [array]::Reverse($____before)
    try {
        foreach ($____step in $____before) { $null = . $____step }
        $null = . (Get-SubsetBound $____test.Test)
    }
    finally {
        foreach ($____step in @(Get-SubsetStep $____block AfterEach)) { $null = . $____step }
    }
}

function Invoke-SubsetBlock {
    param($____block, [int]$____depth)
    Write-SubsetLine $____depth $____block.Name
    if ($____block.Skip) { Complete-SubsetBlock $____block ($____depth + 1) Skipped; return }
    try {
        try {
            if ($____block.BeforeAll) { $null = . (Get-SubsetBound $____block.BeforeAll) }
        }
        catch {
            Complete-SubsetBlock $____block ($____depth + 1) Failed $_
            return
        }
        foreach ($____child in $____block.Children) {
            if (-not $____child.Test) { Invoke-SubsetBlock $____child ($____depth + 1); continue }
            if ($____child.Skip) { Add-SubsetResult ($____depth + 1) $____child.Name Skipped; continue }
            try {
                Invoke-SubsetTest $____child $____block
                Add-SubsetResult ($____depth + 1) $____child.Name Passed
            }
            catch {
                $____outcome = if ($_.FullyQualifiedErrorId -eq 'SubsetSkipped') { 'Skipped' } else { 'Failed' }
                Add-SubsetResult ($____depth + 1) $____child.Name $____outcome $_
            }
        }
    }
    finally {
        if ($____block.AfterAll) {
            try { $null = . (Get-SubsetBound $____block.AfterAll) } catch { Add-SubsetResult ($____depth + 1) 'AfterAll' Failed $_ }
        }
    }
}

function Invoke-PesterSubset {
    <# Runs test files and returns how many tests passed, failed and were skipped. A file that cannot be read is one that failed. #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [AllowEmptyCollection()] [string[]]$Path)
    $____state.Tally = @{ Passed = 0; Failed = 0; Skipped = 0 }
    foreach ($____file in $Path) {
        $____root = New-SubsetBlock -Name $____file
        $____state.Block = $____root
        try { $null = & $____file } catch { Add-SubsetResult 0 $____file Failed $_; continue }
        $TestDrive = [System.IO.Directory]::CreateTempSubdirectory('rehearsal-').FullName
        try { Invoke-SubsetBlock $____root 0 } finally { [System.IO.Directory]::Delete($TestDrive, $true) }
    }
    [pscustomobject]$____state.Tally
}

Export-ModuleMember -Function Describe, Context, It, BeforeAll, AfterAll, BeforeEach, AfterEach, Set-ItResult, Should, Invoke-PesterSubset
