namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A transaction of the script's own, and what its statements have to be recorded by again: behind its first savepoint, to which the script may have gone back, and all of them where it
/// is rolled back. Their texts are not kept.
/// </summary>
internal sealed class MariaDbOwnTransaction
{
    private readonly List<MariaDbDoneStatement> all = [];
    private int? savepoint;

    /// <summary>Whether it is open.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>The statement that began it; null where none is open.</summary>
    internal MariaDbDoneStatement? First => all.Count == 0 ? null : all[0];

    /// <summary>Its statements in order.</summary>
    internal IReadOnlyList<MariaDbDoneStatement> All => all;

    /// <summary>Those behind its first savepoint.</summary>
    internal IReadOnlyList<MariaDbDoneStatement> AfterSavepoint => savepoint is { } from ? all[from..] : [];

    /// <summary>A statement of it has run.</summary>
    internal void Adds(MariaDbDoneStatement statement, bool isSavepoint)
    {
        IsOpen = true;
        savepoint ??= isSavepoint ? all.Count : null;
        all.Add(statement);
    }

    /// <summary>It was rolled back with the records of it, and another one goes on at once, in which they are written again.</summary>
    internal void GoesOn() => savepoint = null;

    /// <summary>It has failed: it is not open any more, and what it began with is still known.</summary>
    internal void Fails() => IsOpen = false;

    /// <summary>It was ended, and perhaps another one goes on at once behind it.</summary>
    internal void Ends(bool chains)
    {
        all.Clear();
        (IsOpen, savepoint) = (chains, null);
    }
}
