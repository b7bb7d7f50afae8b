using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Secrets;
using DeployOps.Windows;

namespace DeployOps.Smoke;

/// <summary>Runs a window's approved smoke files through its router and keeps the evidence of what failed beside the journal.</summary>
internal static class SmokeDesk
{
    /// <summary>The name under which the old version's checks are captured in the journal.</summary>
    internal const string BaselineName = "smoke";

    /// <summary>What would run, without sending anything.</summary>
    internal static IReadOnlyList<SmokeCheck> Plan(PhaseContext context) => SmokePlanner.Plan(Files(context), Variables(context, null), context.Ports.Redactor.Redact);

    /// <summary>Runs the files against what the router serves now.</summary>
    /// <param name="context">The phase.</param>
    /// <param name="phase">The phase the gates are journaled under.</param>
    /// <param name="version">The version under test; null for the release.</param>
    /// <param name="baseline">The old version's checks: what failed there already is no failure now. Null compares with nothing.</param>
    internal static async Task<SmokeSuite> RunAsync(PhaseContext context, DeploymentPhase phase, string? version, IReadOnlyList<SmokeCheck>? baseline)
    {
        var options = new SmokeRunOptions { RunId = context.Window.Id, OnSecret = SmokeCredentials.Keeper(context.Plan, context.Ports.Redactor), Redact = context.Ports.Redactor.Redact };
        var suite = await new SmokeRunner(options, context.Ports.TimeProvider).RunAsync(Files(context), Variables(context, version), context.Reporter, context.Token);
        if (baseline is not null)
        {
            suite = SmokeJudge.Judge(SmokeJudge.Compare(suite.Checks, baseline));
        }

        // Files run at the same time: one may have shown what another made known as a secret only afterwards.
        suite = suite with { Checks = [.. suite.Checks.Select(check => Redacted(check, context.Ports.Redactor))] };
        foreach (var check in suite.Checks)
        {
            await RecordAsync(context, phase, check);
        }

        return suite;
    }

    private static SmokeCheck Redacted(SmokeCheck check, Redactor redactor) => check with
    {
        Message = redactor.Redact(check.Message),
        Evidence = redactor.Redact(check.Evidence),
        Attempts = [.. check.Attempts.Select(attempt => attempt with { Message = redactor.Redact(attempt.Message) })],
    };

    private static async Task RecordAsync(PhaseContext context, DeploymentPhase phase, SmokeCheck check)
    {
        var verdict = check.Outcome switch
        {
            SmokeOutcome.Passed => GateVerdict.Pass,
            SmokeOutcome.Failed => GateVerdict.Fail,
            _ => GateVerdict.Unknown,
        };
        var kept = check.Outcome == SmokeOutcome.Passed ? "" : $" (evidence: {context.Session.KeepEvidence(check.Evidence)})";
        await context.Session.AppendGateAsync(phase, new GateResult($"smoke {check.Name}", verdict, $"{check}{kept}"));
    }

    private static List<HurlFile> Files(PhaseContext context) => [.. context.Plan.Smoke.Select(path => HurlFile.Parse(context.Files.Text(path), path))];

    private static Dictionary<string, object?> Variables(PhaseContext context, string? version) => new(StringComparer.Ordinal)
    {
        ["host"] = context.Plan.Rollout?.Router.Uri.ToString().TrimEnd('/'),
        ["version"] = version ?? context.Plan.Release,
        ["service"] = context.Plan.Service,
        ["environment"] = context.Plan.Environment,
    };
}
