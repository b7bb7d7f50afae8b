namespace DeployOps.Migrations.Imports;

/// <summary>A script that another tool's history says is in effect.</summary>
/// <param name="Version">Its version, or the name of a repeatable one.</param>
/// <param name="Row">The row that says so.</param>
internal sealed record ForeignScript(MigrationVersion Version, ForeignMigration Row)
{
    /// <summary>Whether everything up to this version counts as applied, whoever did it.</summary>
    internal bool IsBaseline { get; init; }

    /// <summary>Whether everything below this version counts as applied, and the version itself by a row of its own.</summary>
    internal bool IsStart { get; init; }

    /// <summary>Whether it ran from a program, so that there is no text of it.</summary>
    internal bool IsCode { get; init; }

    /// <summary>Whether a text is the one that ran; null where the tool kept nothing to tell by.</summary>
    internal Func<string, bool>? IsText { get; init; }
}
