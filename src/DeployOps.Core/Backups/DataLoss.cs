namespace DeployOps.Backups;

/// <summary>What restoring a database loses.</summary>
internal static class DataLoss
{
    private static readonly string[] Own = ["deployops_", "deployops.", "sqlite_"];

    /// <summary>Table by table, a line each. The history is the migration's own and no loss, nor is what SQLite keeps for itself.</summary>
    /// <param name="database">The database's name, for the lines.</param>
    /// <param name="backup">What the backup holds.</param>
    /// <param name="live">What the database holds now, by the backup's columns.</param>
    internal static IEnumerable<string> Of(string database, DatabaseFingerprint backup, DatabaseFingerprint live)
    {
        foreach (var table in live.Tables.Where(table => !IsOwn(table.Name)))
        {
            var before = backup.Tables.FirstOrDefault(candidate => candidate.Name == table.Name);
            if (before is null ? table.Rows > 0 : before.Rows != table.Rows)
            {
                yield return $"{database}.{table.Name} has {table.Rows} rows, {before?.Rows ?? 0} in the backup";
            }
            else if (before is not null && before.Hash != table.Hash)
            {
                yield return $"{database}.{table.Name} has {table.Rows} rows as in the backup, but not the same ones{BackupComparison.Gone(before, table)}";
            }
        }
    }

    private static bool IsOwn(string table) => Own.Any(start => table.StartsWith(start, StringComparison.Ordinal));
}
