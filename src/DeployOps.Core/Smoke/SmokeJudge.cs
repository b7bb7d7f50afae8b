using DeployOps.Gates;
using DeployOps.Smoke.Running;

namespace DeployOps.Smoke;

/// <summary>Decides what the checks say together, and which failures are older than the release. Pure.</summary>
public static class SmokeJudge
{
    /// <summary>Marks the failures that were there before as <see cref="SmokeOutcome.PreExisting"/>.</summary>
    /// <remarks>
    /// A failure is old only where the same file failed at the same line before, and where that is the status, by the same one: a file that got further on the old version
    /// has lost something, and one that gets further now, or meets another status, has met something new. A check that could not run before is no excuse for one that fails now.
    /// </remarks>
    /// <param name="current">The checks of the new version.</param>
    /// <param name="baseline">The checks of the old version; matched by their path.</param>
    /// <returns>The current checks, in their order.</returns>
    public static IReadOnlyList<SmokeCheck> Compare(IReadOnlyList<SmokeCheck> current, IReadOnlyList<SmokeCheck> baseline)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(baseline);
        var before = baseline.ToLookup(static check => check.Path, StringComparer.Ordinal);
        return [.. current.Select(check => Compare(check, before[check.Path].FirstOrDefault()))];
    }

    /// <summary>Judges a run.</summary>
    /// <param name="checks">Its checks, compared with the old version where that is known.</param>
    public static SmokeSuite Judge(IReadOnlyList<SmokeCheck> checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        var bad = checks.Where(static check => check.Outcome is SmokeOutcome.Failed or SmokeOutcome.Error).ToList();
        var verdict = bad.Count > 0 ? GateVerdict.Fail
            : checks.Any(static check => check.Outcome == SmokeOutcome.Passed) ? GateVerdict.Pass
            : GateVerdict.Unknown;
        return new SmokeSuite(checks, verdict, Summarize(checks, bad));
    }

    private static SmokeCheck Compare(SmokeCheck check, SmokeCheck? before)
    {
        var old = before is not null
            && check.Outcome is SmokeOutcome.Failed or SmokeOutcome.Error
            && before!.Outcome == check.Outcome
            && before.Line == check.Line
            && (Status(check) is not { } status || status == Status(before));
        return old
            ? check with { Outcome = SmokeOutcome.PreExisting, Message = $"{check.Message} (on the old version already, at line {before!.Line}: {before.Message})" }
            : check;
    }

    // What else is measured, a time or a number, is seldom the same twice, and fails at its own line.
    private static string? Status(SmokeCheck check) => check.Message.StartsWith(SmokeFault.StatusWord, StringComparison.Ordinal) ? check.Message.Split(',')[0] : null;

    private static string Summarize(IReadOnlyList<SmokeCheck> checks, List<SmokeCheck> bad)
    {
        if (checks.Count == 0)
        {
            return "no smoke tests ran: there are none";
        }

        if (checks.All(static check => check.Outcome == SmokeOutcome.Error))
        {
            return $"none of the {checks.Count} smoke tests could run: the target cannot be reached from here ({Where(bad[0])})";
        }

        var counts = Enum.GetValues<SmokeOutcome>()
            .Select(outcome => (outcome, count: checks.Count(check => check.Outcome == outcome)))
            .Where(static pair => pair.count > 0)
            .Select(static pair => $"{pair.count} {Words(pair.outcome)}");
        var numbers = $"{checks.Count} smoke tests: {string.Join(", ", counts)}";
        return bad.Count == 0 ? numbers : $"{numbers}; first {Where(bad[0])}";
    }

    private static string Where(SmokeCheck check) => $"{check.Path}:{check.Line} {check.Message}";

    private static string Words(SmokeOutcome outcome) => outcome switch
    {
        SmokeOutcome.Passed => "passed",
        SmokeOutcome.Failed => "failed",
        SmokeOutcome.Error => "could not run",
        SmokeOutcome.PreExisting => "failed already on the old version",
        _ => "planned",
    };
}
