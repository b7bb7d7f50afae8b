namespace DeployOps.Backups;

/// <summary>What restoring a database loses.</summary>
internal static class DataLoss
{
    private static readonly string[] Own = ["deployops_", "deployops.", "sqlite_"];

    /// <summary>Table by table, a line each. The history is the migration's own and no loss, nor is what SQLite keeps for itself.</summary>
    /// <param name="database">The database's name, for the lines.</param>
    /// <param name="backup">What the backup holds.</param>
    /// <param name="live">What the database holds now, by the backup's columns.</param>
    internal static IEnumerable<string> Of(string database, DatabaseFingerprint backup, DatabaseFingerprint live) => Lines(database, backup, live, "in the backup").Concat(Slots(database, live.Slots));

    /// <summary>
    /// The columns that the backup has not and that hold values, a line each: whether those were written since, or put there by the migration, nobody can tell. One that is the same in every row
    /// was filled by the migration and is left out.
    /// </summary>
    /// <param name="database">The database's name, for the lines.</param>
    /// <param name="live">What the database holds now, by the backup's columns.</param>
    internal static IEnumerable<string> Columns(string database, DatabaseFingerprint live) =>
        from table in live.Tables
        where !IsOwn(table.Name)
        from column in table.Added
        where column is { Values: > 0, IsUniform: false }
        select $"{database}.{table.Name}.{column.Name} has {column.Values} values";

    /// <summary>What is told of them; null where there are none.</summary>
    internal static string? OfColumns(IEnumerable<string> columns) => string.Join("; ", columns) is { Length: > 0 } lines
        ? $"restoring also loses what was written to columns that the backup does not have, with what the migration itself put there: {lines}"
        : null;

    /// <summary>What was written after something was counted, a line each.</summary>
    /// <param name="database">The database's name, for the lines.</param>
    /// <param name="counted">What it held then.</param>
    /// <param name="now">What it holds now, by the same columns.</param>
    internal static IEnumerable<string> Since(string database, DatabaseFingerprint counted, DatabaseFingerprint now) =>
        Lines(database, counted, now, "then").Concat(Columns(database, counted, now)).Concat(Slots(database, now.Slots.Except(counted.Slots, StringComparer.Ordinal)));

    private static IEnumerable<string> Slots(string database, IEnumerable<string> slots) =>
        slots.Select(slot => $"{database}: the logical replication slot {slot} goes with the database that is replaced, and whoever reads it has to begin anew");

    private static IEnumerable<string> Lines(string database, DatabaseFingerprint backup, DatabaseFingerprint live, string when)
    {
        foreach (var table in live.Tables.Where(table => !IsOwn(table.Name)))
        {
            var before = backup.Tables.FirstOrDefault(candidate => candidate.Name == table.Name);
            if (before is null ? table.Rows > 0 : before.Rows != table.Rows)
            {
                yield return $"{database}.{table.Name} has {table.Rows} rows, {before?.Rows ?? 0} {when}";
            }
            else if (before is not null && before.Hash != table.Hash)
            {
                yield return $"{database}.{table.Name} has {table.Rows} rows as {when}, but not the same ones{BackupComparison.Gone(before, table)}";
            }
        }
    }

    private static IEnumerable<string> Columns(string database, DatabaseFingerprint counted, DatabaseFingerprint now) =>
        from table in now.Tables
        let before = counted.Tables.FirstOrDefault(candidate => candidate.Name == table.Name)
        where before is not null && before.Rows == table.Rows && before.Hash == table.Hash && !IsOwn(table.Name)
        from column in table.Added
        let then = before.Added.FirstOrDefault(candidate => candidate.Name == column.Name)
        where then is not null && then != column
        select $"{database}.{table.Name}.{column.Name} has {column.Values} values{(then.Values == column.Values ? " as then, but not the same ones" : $", {then.Values} then")}";

    private static bool IsOwn(string table) => Own.Any(start => table.StartsWith(start, StringComparison.Ordinal));
}
