using DeployOps.Gates;

namespace DeployOps.Migrations;

/// <summary>Tells from a database's history whether a script is in effect, for a step whose outcome is not known.</summary>
public static class MigrationProbe
{
    /// <summary>
    /// Passes where the script is in effect and fails where it is not. Unknown where its version was applied with another text:
    /// neither running it nor skipping it is right then.
    /// </summary>
    public static GateResult InEffect(MigrationScript script, IReadOnlyList<AppliedMigration> history)
    {
        ArgumentNullException.ThrowIfNull(script);
        var name = $"{script.FileName} is in effect";
        var row = history.FirstOrDefault(applied => applied.Version == script.Version);
        if (script.IsUndo)
        {
            return row is null
                ? GateResult.Pass(name, $"version {script.Version} is not in the history")
                : GateResult.Fail(name, $"version {script.Version} is in the history");
        }

        if (row is null)
        {
            return GateResult.Fail(name, $"version {script.Version} is not in the history");
        }

        if (script.IsRepeatable && !row.IsOf(script))
        {
            return GateResult.Fail(name, "another text of it ran last");
        }

        return row.IsOf(script)
            ? GateResult.Pass(name, $"applied {row.AppliedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z by {row.AppliedBy}")
            : GateResult.Unknown(name, $"version {script.Version} was applied with another checksum");
    }
}
