namespace DeployOps.Migrations.Rehearsal;

/// <summary>What a migration did to the restored backup of a database before production was touched.</summary>
public sealed record MigrationRehearsal
{
    /// <summary>The database's name in the plan.</summary>
    public required string Database { get; init; }

    /// <summary>The pending scripts in order.</summary>
    public required IReadOnlyList<ScriptRehearsal> Scripts { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, with the ways back.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How many validation queries were asked after the last script.</summary>
    public int Validations { get; init; }

    /// <summary>The version after which there is no way back by undo scripts; null where every script can be taken back, or where that was not rehearsed.</summary>
    public string? PointOfNoReturn { get; init; }

    /// <summary>What of the migration was not rehearsed, and why, with what to do about it; empty where all of it was.</summary>
    public string Untried { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => RehearsalText.Of(this);

    /// <summary>The name under which it is captured in the journal.</summary>
    internal static string CaptureName(string database) => $"rehearsal/{database}";

    /// <summary>One of which nothing was tried.</summary>
    internal static MigrationRehearsal None(string database, DateTimeOffset startedAt, string why) => new() { Database = database, Scripts = [], StartedAt = startedAt, Duration = TimeSpan.Zero, Untried = why };

    /// <summary>What was rehearsed of a script as it is now; null where it was not, or another text was.</summary>
    internal ScriptRehearsal? Find(MigrationScript script) =>
        Scripts.FirstOrDefault(one => one.Version == script.Version.ToString() && one.Checksum == script.Checksum);
}
