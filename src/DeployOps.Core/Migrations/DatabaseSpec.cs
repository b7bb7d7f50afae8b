using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations;

/// <summary>A database of the release.</summary>
public sealed record DatabaseSpec
{
    /// <summary>The name shown in logs and used for its backup; unique in the plan.</summary>
    public required string Name { get; init; }

    /// <summary>The kind: one of <see cref="KnownKinds.Databases"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The ADO.NET connection string, resolved. A relative file in it starts at the plan.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// The connection string of a server on which backups are restored, proven and rehearsed, resolved; null for the database's own server, as far as its disk and its replicas allow.
    /// Not of SQLite.
    /// </summary>
    public string? Scratch { get; init; }

    /// <summary>The connection string of a replica, resolved, for validations that are asked there; null for none. Not of SQLite.</summary>
    public string? Replica { get; init; }

    /// <summary>The full path of the folder with <c>V…__name.sql</c> and <c>U…__name.sql</c>, or null where there is nothing to migrate.</summary>
    public string? Migrations { get; init; }

    /// <summary>The full path of the folder with validation queries, or null.</summary>
    public string? Validations { get; init; }

    /// <summary>How much is first tried on the restored backup. Default <see cref="RehearsalExtent.Full"/>.</summary>
    public RehearsalExtent Rehearsal { get; init; } = RehearsalExtent.Full;

    /// <summary>How long one script may run. Default 10 minutes.</summary>
    public TimeSpan ScriptTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What a migration may do to others while it runs, and what it waits for. Not of SQLite.</summary>
    public MigrationLimits Limits { get; init; } = new();

    /// <summary>The folder a relative file in the connection string starts at: the plan's, or the current one without a plan.</summary>
    public required string BaseFolder { get; init; }

    /// <summary>The same, where its kind has the other servers that it names.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseServerUnsupported</c>.</exception>
    internal DatabaseSpec RequireServers() => Kind != "Sqlite" || (Scratch is null && Replica is null)
        ? this
        : throw new DeployOpsException(
            "DatabaseServerUnsupported",
            FaultKind.InvalidData,
            $"A database of kind {Kind} uses no other server {(Scratch is null ? "for its validations" : "to prove its backups")}: {(Scratch is null ? "Replica" : "Scratch")} belongs to PostgreSql and MariaDb.",
            "Leave it out.")
        { Target = Name };

    /// <summary>The name alone: the connection string may hold a password.</summary>
    public override string ToString() => Name;
}
