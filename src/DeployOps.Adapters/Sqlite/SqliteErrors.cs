namespace DeployOps.Adapters.Sqlite;

/// <summary>The errors that every port of a SQLite database can answer with.</summary>
internal static class SqliteErrors
{
    /// <summary>The file is not there.</summary>
    internal static DeployOpsException Missing(SqliteFile file, string why) => new("DatabaseUnreachable", FaultKind.NotFound, Fact(file, why), "Check its path and its permissions.") { Target = file.Path };

    /// <summary>The file is there and cannot be opened.</summary>
    internal static DeployOpsException Unreachable(SqliteFile file, string why) =>
        new("DatabaseUnreachable", FaultKind.Failed, Fact(file, why), "Check its path and its permissions.") { Target = file.Path };

    /// <summary>Somebody held it for too long, the disk failed, or it cannot be read.</summary>
    internal static DeployOpsException Of(SqliteFile file, SqliteFault fault) => fault switch
    {
        { IsBusy: true } => new DeployOpsException(
            "DatabaseBusy",
            FaultKind.Busy,
            $"The database {file.Path} was held by another process for more than {file.BusyTimeout.TotalSeconds:0.#} s: {fault.Message}.",
            "Find out who holds it, or raise 'Default Timeout' in the connection string.")
        { Target = file.Path },
        { IsDisk: true } => new DeployOpsException(
            "DatabaseDiskFailed",
            FaultKind.Failed,
            $"The disk under the database {file.Path} failed: {fault.Message}.",
            "Check the disk's space, quota and health.")
        { Target = file.Path },
        _ => new DeployOpsException(
            "DatabaseReadFailed",
            FaultKind.Failed,
            $"The database {file.Path} cannot be read: {fault.Message}.",
            "Check that it is a SQLite database and not damaged ('PRAGMA integrity_check').")
        { Target = file.Path },
    };

    private static string Fact(SqliteFile file, string why) => $"The database {file.Path} cannot be opened: {why.TrimEnd('.')}.";
}
