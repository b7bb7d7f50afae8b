using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>How long a migration waits for others. A lock that is waited for stops everyone who comes after, so waits are short and many.</summary>
internal sealed record ScriptPace
{
    /// <summary>That of a plan, or the usual one.</summary>
    internal static ScriptPace Of(MigrationLimits limits) => new() { LockTimeout = limits.LockTimeout, Tries = limits.LockTries };

    /// <summary>How long a statement waits for a lock, rounded up to what the server can count. Default 2 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a script is tried that met a lock or a deadlock. Default 10, within the script's time limit.</summary>
    public int Tries { get; init; } = 10;

    /// <summary>The pause before the second try; it doubles up to <see cref="LongestPause"/> and a random part of it is waited. Default 1 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two tries. Default 60 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for another runner of migrations. Default 5 s.</summary>
    public TimeSpan RunnerWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a statement that is being cancelled may go on before its connection is ended. Default 5 s.</summary>
    public TimeSpan CancelWait { get; init; } = TimeSpan.FromSeconds(5);
}
