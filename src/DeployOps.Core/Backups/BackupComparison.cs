using DeployOps.Gates;

namespace DeployOps.Backups;

/// <summary>Compares what two copies of a database hold.</summary>
public static class BackupComparison
{
    private const int ShownTables = 5;

    /// <summary>Passes where schema, row counts, contents and sequences are the same; a failure names the first that differ, with their numbers.</summary>
    /// <param name="name">What is compared, for the gate.</param>
    /// <param name="expected">The original.</param>
    /// <param name="actual">The copy.</param>
    public static GateResult Compare(string name, DatabaseFingerprint expected, DatabaseFingerprint actual)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        if (expected.Tables.Count == 0 && actual.Tables.Count == 0 && expected.Schema == actual.Schema)
        {
            return GateResult.Pass(name, "no tables on both sides");
        }

        var differences = Differences(expected, actual);
        if (differences.Count == 0)
        {
            return GateResult.Pass(name, $"{expected.Tables.Count} tables, {expected.Tables.Sum(table => table.Rows)} rows are the same");
        }

        var more = differences.Count > ShownTables ? $", and {differences.Count - ShownTables} more" : "";
        return GateResult.Fail(name, string.Join(", ", differences.Take(ShownTables)) + more);
    }

    /// <summary>Whether both have the same schema and tables, whatever rows those hold.</summary>
    internal static bool HasTheSameTables(DatabaseFingerprint expected, DatabaseFingerprint actual) =>
        expected.Schema.Equals(actual.Schema, StringComparison.OrdinalIgnoreCase)
        && expected.Tables.Select(table => table.Name).ToHashSet(StringComparer.Ordinal).SetEquals(actual.Tables.Select(table => table.Name));

    /// <summary>The tables that differ and are in no snapshot, so that somebody who writes to them is reason enough.</summary>
    internal static IReadOnlyList<string> Moved(DatabaseFingerprint expected, DatabaseFingerprint actual) =>
        [.. expected.Tables.Where(table => table.HasNoSnapshot && Difference(table, actual.Tables.FirstOrDefault(other => other.Name == table.Name)) is not null).Select(table => table.Name)];

    /// <summary>The columns of a backup's table that the live one has no longer, in words to be appended; empty where it has all.</summary>
    internal static string Gone(TableFingerprint backup, TableFingerprint live)
    {
        var gone = live.Columns.Count == 0 ? [] : backup.Columns.Except(live.Columns, StringComparer.OrdinalIgnoreCase).ToList();
        return gone.Count == 0 ? "" : $" as far as can be told without the backup's column{(gone.Count == 1 ? "" : "s")} {string.Join(", ", gone)}";
    }

    private static List<string> Differences(DatabaseFingerprint expected, DatabaseFingerprint actual)
    {
        var theirs = actual.Tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
        var ours = expected.Tables.Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        var found = expected.Tables.Select(table => Difference(table, theirs.GetValueOrDefault(table.Name)))
            .Concat(actual.Tables.Where(table => !ours.Contains(table.Name)).Select(table => $"{table.Name}: not expected, {table.Rows} rows found"))
            .Concat(Sequences(expected, actual))
            .OfType<string>()
            .ToList();
        if (!expected.Schema.Equals(actual.Schema, StringComparison.OrdinalIgnoreCase))
        {
            found.Add("the schema differs");
        }

        return found;
    }

    private static IEnumerable<string> Sequences(DatabaseFingerprint expected, DatabaseFingerprint actual)
    {
        var theirs = actual.Sequences.ToDictionary(sequence => sequence.Name, sequence => sequence.Value, StringComparer.Ordinal);
        return from sequence in expected.Sequences
               let found = theirs.GetValueOrDefault(sequence.Name, "missing")
               where found != sequence.Value
               select $"sequence {sequence.Name}: {sequence.Value} expected, {found} found";
    }

    private static string? Difference(TableFingerprint expected, TableFingerprint? actual)
    {
        if (actual is null)
        {
            return $"{expected.Name}: {expected.Rows} rows expected, the table is missing";
        }

        if (expected.Rows != actual.Rows)
        {
            return $"{expected.Name}: {expected.Rows} rows expected, {actual.Rows} found{Moving(expected)}";
        }

        return expected.Hash.Equals(actual.Hash, StringComparison.OrdinalIgnoreCase) ? null : $"{expected.Name}: {expected.Rows} rows on both sides, contents differ{Moving(expected)}";
    }

    private static string Moving(TableFingerprint table) => table.HasNoSnapshot ? " (its engine knows no transactions, so that it may have been written to while it was copied)" : "";
}
