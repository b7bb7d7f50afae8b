using System.Text.RegularExpressions;
using DeployOps.Core.Tests.Support;

namespace DeployOps.Core.Tests.Phases.Failures;

/// <summary>What an operator reads, for each way in which a phase can fail: what, where, the numbers, production's state, the next command.</summary>
public sealed partial class FailureTests
{
    internal static readonly IReadOnlyList<FailureCase> All =
    [
        .. PreparationFailures.All, .. MigrationFailures.All, .. RolloutFailures.All, .. JudgeFailures.All, .. CompletionFailures.All, .. RollbackFailures.All, .. WindowFailures.All,
    ];

    public static TheoryData<string> Names => [.. All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_operator_reads_what_failed_production_and_the_next_command(string name)
    {
        var failure = All.Single(one => one.Name == name);
        using var stage = new Stage();

        var error = await failure.Fail(stage);

        var shown = Same(error.Message);
        if (Environment.GetEnvironmentVariable("SHOW_ERRORS") is not null)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"@@{name}@@{error.ErrorId}@@{shown}@@");
        }

        error.ErrorId.ShouldBe(failure.Id);
        shown.ShouldBe(failure.Message);
        var lines = error.Message.Split('\n');
        lines.Length.ShouldBe(3);
        lines[1].ShouldBe($"Production: {error.Production}");
        lines[2].ShouldStartWith("Next: ");
        lines[2].ShouldContain(error.Command.ShouldNotBeNull());
        error.Target.ShouldNotBeNull();
        if (failure.Cause is not null)
        {
            Causes(error).ShouldContain(failure.Cause);
        }
    }

    private static IEnumerable<string> Causes(Exception error)
    {
        for (var cause = error.InnerException; cause is not null; cause = cause.InnerException)
        {
            yield return (cause as DeployOpsException)?.ErrorId ?? cause.GetType().Name;
        }
    }

    // Folders, processes, ports, times and how often something was asked within a time differ from run to run.
    private static string Same(string message) => Changing()
        .Aggregate(message, (text, change) => change.Pattern.Replace(text, change.Sign));

    private static IEnumerable<(Regex Pattern, string Sign)> Changing() =>
        [(Folder(), "~"), (Time(), "#"), (Digest(), "#"), (Port(), ":#"), (Count(), "asked # times"), (Moment(), "#"), (Process(), "process # on #, since")];

    [GeneratedRegex(@"(/dev/shm|/tmp|/var)[^\s']*/deployops-[^/\s']+")]
    private static partial Regex Folder();

    [GeneratedRegex(@"(?<![\d.])\d+(\.\d+)? m?s\b")]
    private static partial Regex Time();

    [GeneratedRegex(@":[1-9]\d{4}\b")]
    private static partial Regex Port();

    [GeneratedRegex(@"\b[0-9a-f]{8,64}\b…?")]
    private static partial Regex Digest();

    [GeneratedRegex(@"process \d+ on [^,]+, since")]
    private static partial Regex Process();

    [GeneratedRegex(@"asked \d+ times?")]
    private static partial Regex Count();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")]
    private static partial Regex Moment();
}
