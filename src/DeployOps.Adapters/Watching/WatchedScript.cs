using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>What is watched, by which limits and for whom.</summary>
/// <param name="Script">The script's file name.</param>
/// <param name="Statements">How many statements it has.</param>
/// <param name="Limits">What it may do to others and waits for.</param>
/// <param name="Observer">Who is told.</param>
/// <param name="Pass">What is remembered from one script to the next.</param>
internal sealed record WatchedScript(string Script, int Statements, MigrationLimits Limits, IMigrationObserver Observer, ScriptPass Pass)
{
    /// <summary>Whether gates hold it and a breaker cancels it: not where it goes back, which wins over everything but the time that locks are waited for.</summary>
    public bool IsJudged { get; init; } = true;

    /// <summary>Whether it is one transaction from its beginning to its end.</summary>
    public bool IsOneTransaction { get; init; }

    /// <summary>Whether the observer is told what each statement does.</summary>
    public bool Traces { get; init; }
}
