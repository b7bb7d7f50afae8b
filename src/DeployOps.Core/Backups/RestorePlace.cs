using DeployOps.Backups.Folders;
using DeployOps.Migrations;

namespace DeployOps.Backups;

/// <summary>Where a backup is put back: what is given here, else what the plan says under its name, else, for a folder, where it was taken.</summary>
public sealed record RestorePlace
{
    /// <summary>A plan's full path, or null.</summary>
    public string? Plan { get; init; }

    /// <summary>The ADO.NET connection string of the database, or null.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The full path of the folder, or null.</summary>
    public string? Folder { get; init; }

    /// <summary>The folder that a relative file in the connection string starts at.</summary>
    public required string BaseFolder { get; init; }

    /// <summary>A folder's backup as it is to be put back.</summary>
    /// <exception cref="DeployOpsException"><c>RestorePlaceMissing</c> where the plan has no such folder; <c>RestorePlaceWrong</c> where a connection string was given; what reading a plan throws.</exception>
    internal FolderManifest Of(FolderManifest manifest, Ports ports)
    {
        if (ConnectionString is not null)
        {
            throw Wrong($"{manifest.File} is the backup of a folder; a connection string is no place for it.", "Give -Folder, or leave both out to put it back where it was taken.");
        }

        var folder = Folder ?? OfPlan(ports, manifest.Folder, plan => plan.Configuration.FirstOrDefault(one => one.Name == manifest.Name)?.Path, manifest.Name);
        return manifest with { Folder = FolderBackup.Target(folder) };
    }

    /// <summary>The database that a backup is put back into.</summary>
    /// <exception cref="DeployOpsException"><c>RestorePlaceMissing</c> where none is given, or the plan has no such database; <c>RestorePlaceWrong</c> where a folder was given or the database is of another kind.</exception>
    internal DatabaseSpec Of(string name, string kind, Ports ports)
    {
        if (Folder is not null)
        {
            throw Wrong($"This is the backup of a {kind} database; a folder is no place for it.", "Give -ConnectionString or -Plan.");
        }

        if (ConnectionString is not null)
        {
            return new DatabaseSpec { Name = name, Kind = kind, ConnectionString = ConnectionString, BaseFolder = BaseFolder };
        }

        var database = OfPlan(ports, null, plan => plan.Databases.FirstOrDefault(one => one.Name == name), name);
        return database.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase)
            ? database
            : throw Wrong($"The plan's {name} is a {database.Kind} database, and the backup is one of {kind}.", "Give the -ConnectionString of a database of its kind.");
    }

    private T OfPlan<T>(Ports ports, T? otherwise, Func<Plans.DeploymentPlan, T?> find, string name)
        where T : class
    {
        if (Plan is null)
        {
            return otherwise ?? throw new DeployOpsException(
                "RestorePlaceMissing",
                FaultKind.InvalidData,
                $"A backup does not say where the database {name} is, since that may hold a password.",
                "Give -ConnectionString, or -Plan with the plan that names it.");
        }

        return find(ports.Plans.Read(Plan).Require())
            ?? throw new DeployOpsException("RestorePlaceMissing", FaultKind.NotFound, $"{Plan} names nothing called '{name}' to be restored.", "Give -ConnectionString or -Folder instead.") { Target = Plan };
    }

    private static DeployOpsException Wrong(string fact, string next) => new("RestorePlaceWrong", FaultKind.InvalidData, fact, next);
}
