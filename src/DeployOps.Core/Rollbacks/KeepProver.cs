using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>
/// Runs the plan's smoke files against the old version on the schema that this window migrated, where the plan would go back without the database. What failed already before
/// the migration is no failure now.
/// </summary>
internal static class KeepProver
{
    /// <summary>What is told before a migration, appended to its plan; empty where nothing will be run.</summary>
    internal static string Planned(PhaseContext context, bool migrates) => migrates && Wants(context) && context.Plan.Smoke.Count > 0
        ? $"; then {context.Plan.Smoke.Count} smoke file{(context.Plan.Smoke.Count == 1 ? "" : "s")} on the old version, since going back would keep the schema"
        : "";

    /// <summary>Proves it once: a run that carries on after it was seen to run does not ask again, unless further scripts came since.</summary>
    /// <exception cref="DeployOpsException"><c>KeepNotProven</c> where the old version does not run on the migrated schema.</exception>
    internal static async Task RequireAsync(PhaseContext context)
    {
        var facts = context.Session.Facts;
        if (!Wants(context) || !HasMigrated(facts) || facts.Steps.Any(step => step.Phase == DeploymentPhase.Rollout) || KeepProof.Of(facts) is { Verdict: GateVerdict.Pass })
        {
            return;
        }

        var proof = await ProveAsync(context);
        var old = RolloutFactory.Begun(context)?.OldVersion ?? "the old version";
        await context.Session.AppendGateAsync(DeploymentPhase.Migration, new GateResult("old version on the migrated schema", proof.Verdict, $"{old}: {proof.Summary}"));
        await context.Session.CaptureAsync(DeploymentPhase.Migration, KeepProof.CaptureName, proof, $"Keep{proof.Words}");
        if (proof.Verdict == GateVerdict.Fail)
        {
            throw new DeployOpsException(
                "KeepNotProven",
                FaultKind.Failed,
                $"{old} does not run on the migrated schema, which going back would keep: {PhaseFailure.Sentence(proof.Summary)} Nothing was rolled out.",
                "Make the migration one that both versions run on, or say Rollback.Database = 'Down' or 'Restore'.");
        }

        if (proof.Verdict == GateVerdict.Unknown)
        {
            context.Reporter.Warn($"Rollback.Database is Keep, and that the old version runs on the migrated schema is not proven: {proof.Summary}.");
        }
    }

    private static async Task<KeepProof> ProveAsync(PhaseContext context)
    {
        if (context.Plan.Smoke.Count == 0)
        {
            return new KeepProof(GateVerdict.Unknown, "the plan has no smoke files");
        }

        if (context.Session.Facts.Captured<List<SmokeCheck>>(SmokeDesk.BaselineName) is not { } baseline)
        {
            return new KeepProof(GateVerdict.Unknown, "the smoke tests were not run before the migration, so there is nothing to compare with");
        }

        context.Reporter.Progress("Migration", "smoke tests of the old version on the migrated schema");
        var suite = await SmokeDesk.RunAsync(context, DeploymentPhase.Migration, RolloutFactory.Begun(context)?.OldVersion, baseline);
        // Who could not ask has not seen that it does not run.
        var hasSeen = suite.Verdict != GateVerdict.Fail || suite.Checks.Any(check => check.Outcome == SmokeOutcome.Failed);
        return new KeepProof(hasSeen ? suite.Verdict : GateVerdict.Unknown, suite.Summary);
    }

    private static bool Wants(PhaseContext context) => context.Plan.Rollback.Database == DatabaseRollback.Keep;

    private static bool HasMigrated(WindowFacts facts) => facts.Steps.Any(step => MigrationStep.DatabaseOf(step.Key) is not null && step.State == StepState.Done);
}
