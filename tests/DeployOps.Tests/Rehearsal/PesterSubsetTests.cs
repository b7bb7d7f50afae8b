using DeployOps.Tests.Host;

namespace DeployOps.Tests.Rehearsal;

public sealed class PesterSubsetTests : IDisposable
{
    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_passes_fails_and_is_skipped_is_counted_so()
    {
        var result = await RehearseAsync("""
            Describe 'counts' {
                It 'passes' { 1 | Should -Be 1 }
                It 'fails' { 1 | Should -Be 2 -Because 'one is not two' }
                It 'throws' { throw 'boom' }
                It 'skips' -Skip { throw 'never run' }
                It 'skips with a reason' { Set-ItResult -Skipped -Because 'no server' }
                It 'passes after a failure' { 2 | Should -Be 2 }
            }
            """);

        result.Lines[^1].ShouldBe("2 passed, 2 failed, 2 skipped");
        result.ExitCode.ShouldBe(1);
        result.Output.ShouldContain("expected -Be 2, got 1, because one is not two");
        result.Output.ShouldContain("(no server)");
    }

    [Fact]
    public async Task Variables_of_a_set_up_reach_its_tests_and_end_with_its_block()
    {
        var result = await RehearseAsync("""
            Describe 'scopes' {
                BeforeAll { $outer = 'o'; $script:shared = 0 }
                BeforeEach { $each = "$outer-each"; $script:shared++ }
                AfterEach { $script:after++ }
                It 'sees BeforeAll and BeforeEach' { "$outer $each $script:shared" | Should -Be 'o o-each 1' }
                It 'starts anew' { $each += '!'; $own = 1; $script:after | Should -Be 1 }
                Context 'within' {
                    BeforeAll { $inner = 'i' }
                    It 'sees both' { "$outer $inner $each $own" | Should -Be 'o i o-each ' }
                }
                It 'does not see what is over' { $inner | Should -BeNullOrEmpty }
                It 'knows its file' { $PSScriptRoot | Should -Exist; "$PSScriptRoot/x.Tests.ps1" | Should -Exist }
            }
            """);

        result.Lines[^1].ShouldBe("5 passed, 0 failed, 0 skipped");
        result.ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("'a' | Should -Be 'A'", "'a' | Should -Be 'b'")]
    [InlineData("1, 2 | Should -Be 1, 2", "1, 2 | Should -Be 1, 3")]
    [InlineData("'a' | Should -BeExactly 'a'", "'a' | Should -BeExactly 'A'")]
    [InlineData("1 | Should -BeTrue", "0 | Should -BeTrue")]
    [InlineData("$null | Should -BeFalse", "$true | Should -BeFalse")]
    [InlineData("@() | Should -BeNullOrEmpty", "0 | Should -BeNullOrEmpty")]
    [InlineData("'abc' | Should -Match '^ab'", "'abc' | Should -Match '^b'")]
    [InlineData("'abc' | Should -BeLike 'a*'", "'abc' | Should -BeLike 'b*'")]
    [InlineData("2 | Should -BeGreaterThan 1", "1 | Should -BeGreaterThan 1")]
    [InlineData("1 | Should -BeLessOrEqual 1", "2 | Should -BeLessOrEqual 1")]
    [InlineData("1, 2 | Should -Contain 2", "1, 2 | Should -Contain 3")]
    [InlineData("1, 2 | Should -HaveCount 2", "@() | Should -HaveCount 1")]
    [InlineData("$PSCommandPath | Should -Exist", "'/absent' | Should -Exist")]
    [InlineData("{ throw 'boom' } | Should -Throw", "{ 1 } | Should -Throw")]
    [InlineData("{ throw 'boom' } | Should -Throw -ExpectedMessage 'b*'", "{ throw 'boom' } | Should -Throw -ExpectedMessage 'c*'")]
    [InlineData("{ Get-Nothing } | Should -Throw -ErrorId CommandNotFoundException", "{ Get-Nothing } | Should -Throw -ErrorId Other")]
    [InlineData("{ 1 } | Should -Not -Throw", "{ throw 'x' } | Should -Not -Throw")]
    [InlineData("1 | Should -Not -Be 2", "1 | Should -Not -Be 1")]
    public async Task A_judgement_holds_or_fails(string holds, string fails)
    {
        var result = await RehearseAsync($$"""
            Describe 'judgement' {
                It 'holds' { {{holds}} }
                It 'fails' { {{fails}} }
            }
            """);

        result.Output.ShouldContain("[+] holds");
        result.Output.ShouldContain("[-] fails");
        result.Lines[^1].ShouldBe("1 passed, 1 failed, 0 skipped");
    }

    [Theory]
    [InlineData("Describe 'd' { BeforeAll { throw 'set-up' }; It 'one' { }; Context 'c' { It 'two' { } } }", "0 passed, 2 failed, 0 skipped")]
    [InlineData("Describe 'd' { AfterAll { throw 'clean-up' }; It 'one' { } }", "1 passed, 1 failed, 0 skipped")]
    [InlineData("Describe 'd' { It 'one' { }", "0 passed, 1 failed, 0 skipped")]
    [InlineData("It 'stands alone' { }", "0 passed, 1 failed, 0 skipped")]
    [InlineData("Describe 'd' { It 'judges nothing' { 1 | Should } }", "0 passed, 1 failed, 0 skipped")]
    public async Task What_cannot_run_has_failed(string text, string expected)
    {
        var result = await RehearseAsync(text);

        result.Lines[^1].ShouldBe(expected);
        result.ExitCode.ShouldBe(1);
    }

    // No machine has a Pester that the host's engine could load: it lacks the cmdlets that Pester is made of.
    [Fact]
    public async Task Which_runner_and_which_engine_it_is_stands_in_the_first_line()
    {
        var result = await RehearseAsync("Describe 'd' { It 'one' { } }");

        result.Lines[0].ShouldStartWith("Runner: the subset of Pester; PowerShell 7.");
        result.Lines[0].ShouldContain(" in DeployOps.Host. Pester is not loaded: ");
    }

    [Fact]
    public async Task Where_Pester_is_required_the_subset_does_not_stand_in_for_it()
    {
        var result = await RehearseAsync("Describe 'd' { It 'one' { } }", "-RequirePester");

        result.ExitCode.ShouldNotBe(0);
        result.Output.ShouldNotContain("1 passed");
        (result.Output + result.Error).ShouldContain("Pester 5 or later is required, and is not loaded in PowerShell 7.");
    }

    private Task<HostResult> RehearseAsync(string text, params string[] options) => HostProcess.RunAsync(
        [Path.Combine(HostProcess.RepositoryRoot, "tests", "Rehearsal", "Invoke-Rehearsal.ps1"), _folder.Write("x.Tests.ps1", text), .. options]);
}
