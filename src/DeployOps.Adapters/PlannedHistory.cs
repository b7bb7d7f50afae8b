using DeployOps.Migrations;

namespace DeployOps.Adapters;

/// <summary>
/// How far the history of a database went when it was last read to plan by. Under the lock of a script it may go on only by what this run itself applied: whoever waited for the lock
/// while somebody else applied scripts has a plan that nobody made for what is there now.
/// </summary>
internal sealed class PlannedHistory
{
    private long? last;

    /// <summary>It was read.</summary>
    /// <param name="end">The number of its last row; 0 where there is none.</param>
    internal void Read(long end) => last = end;

    /// <summary>Requires that nobody else has gone on since it was read. Whoever never read it, and whoever goes back, has no plan to keep.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryChanged</c>.</exception>
    internal void Require(MigrationScript script, long end)
    {
        if (!script.IsUndo && last is { } known && end > known)
        {
            throw new DeployOpsException(
                "MigrationHistoryChanged",
                FaultKind.Busy,
                $"{script.FileName}: since this run was planned, another one has begun or applied a script. Nothing of {script.FileName} was begun.",
                "Run again: what is pending is planned anew by what is there then.")
            { Target = script.FileName };
        }
    }

    /// <summary>This run itself added a row.</summary>
    internal void Adds(long row) => last = last is { } known ? Math.Max(known, row) : null;
}
