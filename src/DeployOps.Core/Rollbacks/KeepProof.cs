using System.Text.Json.Serialization;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>
/// Whether the old version runs on the migrated schema, as its smoke tests saw it after the migration and before the first effect of the rollout: only then does going back without
/// the database, <see cref="DatabaseRollback.Keep"/>, lead to what works.
/// </summary>
/// <param name="Verdict">Pass where it was seen to run; Fail where something failed that passed before the migration; Unknown where nothing says so.</param>
/// <param name="Summary">What decided, with its numbers.</param>
internal sealed record KeepProof(GateVerdict Verdict, string Summary)
{
    /// <summary>The name under which it is captured in the journal.</summary>
    internal const string CaptureName = "keep";

    /// <summary>What it says of Keep, to be appended to it.</summary>
    [JsonIgnore]
    internal string Words => Verdict switch
    {
        GateVerdict.Pass => $", on which the old version was seen to run before the rollout: {Summary}",
        GateVerdict.Fail => $", on which the old version was seen not to run: {Summary}",
        _ => $"; that the old version runs on it is not proven: {Summary}",
    };

    /// <summary>What the journal tells; null where nothing was looked at. That it was seen to run holds for the scripts it was seen with: others, which came since, make another schema.</summary>
    internal static KeepProof? Of(WindowFacts facts) => facts.Captured<KeepProof>(CaptureName) switch
    {
        { Verdict: GateVerdict.Pass } pass when Since(facts) is { Count: > 0 } since => new KeepProof(GateVerdict.Unknown, $"it was seen to run before {string.Join(", ", since)} came ({pass.Summary})"),
        var proof => proof,
    };

    // One that failed may have left a part of itself.
    private static List<string> Since(WindowFacts facts) =>
        [.. facts.Steps.Where(step => MigrationStep.DatabaseOf(step.Key) is not null && step.State != StepState.Undone && step.LastSeq > facts.SeqOfCapture(CaptureName)).Select(step => step.Change)];
}
