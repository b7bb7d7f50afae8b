using System.Diagnostics.CodeAnalysis;

namespace DeployOps.Rollouts;

/// <summary>The instances that could not be made to serve the old version while a rollback ran: none is tried twice in one run, and the end names all of them.</summary>
internal sealed class LostInstances
{
    private readonly SortedDictionary<string, DeployOpsException> reasons = new(StringComparer.Ordinal);

    /// <summary>Their names, in order.</summary>
    internal IReadOnlyList<string> Names => [.. reasons.Keys];

    /// <summary>Each with its reason, a sentence each.</summary>
    internal string Words => string.Join(" ", reasons.Select(one => $"{one.Key}: {Phases.PhaseFailure.Sentence(one.Value.Fact)}"));

    /// <summary>Takes one down.</summary>
    internal void Add(string name, DeployOpsException reason) => reasons[name] = reason;

    /// <summary>Whether this one is lost, and why.</summary>
    internal bool Contains(string name, [NotNullWhen(true)] out DeployOpsException? reason) => reasons.TryGetValue(name, out reason);

    /// <summary>True where an error says something of the instance itself, and not that this run may not act or cannot write what it does.</summary>
    internal static bool IsReason(DeployOpsException error) => error.ErrorId is not ("EpochStale" or "JournalBroken");
}
