using System.Globalization;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Reads what a database consists of in one snapshot, as far as definitions are in one: MariaDB keeps no earlier catalogue. What belongs to the history is left out.</summary>
/// <param name="server">The database.</param>
/// <param name="jobs">Where the work runs.</param>
/// <param name="limits">How many replicas count, and which of them are behind on purpose.</param>
internal sealed class MariaDbStates(MariaDbServer server, DatabaseJobs jobs, MigrationLimits limits) : IStateTarget
{
    private const long LargestCounted = 16 << 20;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private const string Tables = """
        SELECT TABLE_NAME, TABLE_TYPE, IFNULL(ENGINE, ''), IFNULL(TABLE_COMMENT, ''), IFNULL(DATA_LENGTH, 0), CREATE_OPTIONS LIKE '%partitioned%', AUTO_INCREMENT,
            HEX(CONCAT(CAST(CONVERT(TABLE_SCHEMA USING filename) AS BINARY), '/', CAST(CONVERT(TABLE_NAME USING filename) AS BINARY))) FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = @p0 ORDER BY TABLE_NAME
        """;

    // Another number after it was written anew or emptied. An account without PROCESS is not told. All at once: each such query reads what there is of all tables.
    private const string Storage = """
        SELECT HEX(CAST(NAME AS BINARY)), TABLE_ID FROM information_schema.INNODB_SYS_TABLES WHERE CAST(NAME AS BINARY) LIKE CONCAT(CAST(CONVERT(@p0 USING filename) AS BINARY), '/%')
        """;

    private const string Numbers = """
        SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE LIKE '%unsigned%' FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = @p0 AND EXTRA LIKE '%auto_increment%' ORDER BY TABLE_NAME
        """;

    // A default of numbers from a sequence, whose highest number an index has at its end.
    private const string Numbered = """
        SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_DEFAULT FROM information_schema.COLUMNS c
        WHERE c.TABLE_SCHEMA = @p0 AND c.COLUMN_DEFAULT LIKE 'nextval(%'
          AND EXISTS (SELECT 1 FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = c.TABLE_SCHEMA AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME AND s.SEQ_IN_INDEX = 1)
        """;

    private const string Cascades = """
        SELECT TABLE_NAME, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = @p0 AND UNIQUE_CONSTRAINT_SCHEMA = @p0 AND DELETE_RULE = 'CASCADE'
        """;

    private static readonly Dictionary<string, (decimal Signed, decimal Unsigned)> Largest = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tinyint"] = (sbyte.MaxValue, byte.MaxValue),
        ["smallint"] = (short.MaxValue, ushort.MaxValue),
        ["mediumint"] = (8_388_607, 16_777_215),
        ["int"] = (int.MaxValue, uint.MaxValue),
        ["bigint"] = (long.MaxValue, ulong.MaxValue),
    };

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<DatabaseState> ReadAsync(StateMoment moment, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            await connection.ExecuteAsync(
                token, "SET SESSION lock_wait_timeout = 5, max_statement_time = 300, time_zone = '+00:00', sql_mode = '', group_concat_max_len = 1000000", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
            var found = (await connection.QueryAsync(Tables, [server.Database], Read, token)).FindAll(table => !MariaDbHistory.IsTable(table.Name));
            var without = await MariaDbEngines.WithoutTransactionsAsync(connection, server.Database, token);
            return new DatabaseState
            {
                Tables = await TablesAsync(connection, found, token),
                Objects = await MariaDbObjectLines.ReadAsync(connection, server.Database, token),
                WithoutTransactions = [.. found.Where(table => table.IsTable && without.Contains(table.Name)).Select(table => $"{table.Name} ({table.Engine})")],
                Unreadable = [.. found.Where(table => table.IsBroken).Select(table => table.Name)],
                Numbers = await NumbersAsync(connection, found, token),
                Sequences = await SequencesAsync(connection, token),
            };
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ReplicaState>> ReplicasAsync(TimeSpan longest, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            await using var control = await MariaDbControl.OpenAsync(server, token);
            await using var replicas = new MariaDbReplicas(server, limits.Replicas);
            try
            {
                return await ReplicasAsync(control, replicas, longest, token);
            }
            catch (MySqlException e)
            {
                throw MariaDbErrors.Of(server, e);
            }
        },
        cancellationToken);

    private async Task<IReadOnlyList<ReplicaState>> ReplicasAsync(MariaDbControl control, MariaDbReplicas replicas, TimeSpan longest, CancellationToken token)
    {
        if (!await control.UseAsync(connection => MariaDbReaders.HasLogAsync(connection, token)))
        {
            return [];
        }

        if (!await control.UseAsync(connection => MariaDbReaders.AreShownAsync(connection, token)))
        {
            return [new ReplicaState("replicas", null, TimeSpan.Zero)];
        }

        var started = jobs.Time.GetTimestamp();
        for (long? target = null; ; await Task.Delay(BetweenLooks, jobs.Time, token))
        {
            var readers = (await control.UseAsync(connection => connection.QueryAsync(MariaDbSampling.Connections, [], MariaDbSampling.ConnectionOf, token))).FindAll(one => one.ReadsLog);
            var waited = jobs.Time.GetElapsedTime(started);
            var (lags, _) = await replicas.LookAsync(control, readers, waited);
            // What was written before the first look is waited for, not what the application goes on to write.
            target ??= replicas.Written;
            List<ReplicaState> all =
            [
                .. lags.Select(lag => new ReplicaState(lag.Name, Math.Max(0, target.Value - (replicas.Written - lag.Bytes)), waited) { IsDelayed = limits.DelayedReplicas.Contains(lag.Name, StringComparer.Ordinal) }),
                .. (readers.Count == 0 ? [] : replicas.UnknownNames).Select(name => new ReplicaState(name, null, waited)),
            ];
            if (all.TrueForAll(replica => !replica.IsLate || replica.BytesBehind is null) || waited >= longest)
            {
                return all;
            }
        }
    }

    private async Task<IReadOnlyList<TableState>> TablesAsync(MySqlConnection connection, IEnumerable<Found> found, CancellationToken token)
    {
        var columns = (await connection.QueryAsync(
            """
            SELECT TABLE_NAME, MD5(GROUP_CONCAT(CONCAT_WS(' ', COLUMN_NAME, COLUMN_TYPE, IFNULL(COLLATION_NAME, ''), IS_NULLABLE, IFNULL(COLUMN_DEFAULT, ''), EXTRA, IFNULL(GENERATION_EXPRESSION, '')) ORDER BY ORDINAL_POSITION))
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = @p0 GROUP BY TABLE_NAME
            """,
            [server.Database],
            row => (Name: row.Text(0), Hash: row.Text(1)),
            token)).ToDictionary(one => one.Name, one => one.Hash, StringComparer.Ordinal);
        var follows = (await connection.QueryAsync(Cascades, [server.Database], row => (Table: row.Text(0), Parent: row.Text(1)), token)).ToLookup(one => one.Table, one => one.Parent, StringComparer.Ordinal);
        var isTold = await MariaDbReaders.AreShownAsync(connection, token);
        var files = isTold ? (await connection.QueryAsync(Storage, [server.Database], row => (File: row.Text(0), Id: (long)row.Number(1)), token)).ToDictionary(one => one.File, one => one.Id, StringComparer.Ordinal) : [];
        var tables = new List<TableState>();
        foreach (var table in found.Where(table => table is { IsTable: true, IsBroken: false }))
        {
            long? storage = !table.IsPartitioned && files.TryGetValue(table.File, out var id) ? id : null;
            tables.Add(new TableState(table.Name, columns.GetValueOrDefault(table.Name, ""), storage, table.Bytes <= LargestCounted ? await CountAsync(connection, table.Name, token) : null, null) { Follows = [.. follows[table.Name]] });
        }

        return tables;
    }

    // Null where the account may not read it, or it was changed since the snapshot.
    private async Task<long?> CountAsync(MySqlConnection connection, string table, CancellationToken token)
    {
        try
        {
            return await connection.NumberAsync($"SELECT COUNT(*) FROM {MariaDbNames.Quote(server.Database, table)}", [], token);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e) || e.ErrorCode is MySqlErrorCode.TableDefinitionChanged or MySqlErrorCode.NoSuchTable)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<NumberState>> NumbersAsync(MySqlConnection connection, IReadOnlyList<Found> found, CancellationToken token)
    {
        var next = found.Where(table => table.Next is not null).ToDictionary(table => table.Name, table => table.Next!.Value, StringComparer.Ordinal);
        var columns = await connection.QueryAsync(Numbers, [server.Database], row => (Table: row.Text(0), Column: row.Text(1), Type: row.Text(2), IsUnsigned: row.Number(3) != 0), token);
        List<NumberState> numbers =
        [
            .. from column in columns
               where next.ContainsKey(column.Table) && Largest.ContainsKey(column.Type)
               let largest = Largest[column.Type]
               select new NumberState($"{column.Table}.{column.Column}", column.IsUnsigned ? $"{column.Type} unsigned" : column.Type, next[column.Table], column.IsUnsigned ? largest.Unsigned : largest.Signed),
        ];
        foreach (var sequence in found.Where(table => table is { IsSequence: true, IsBroken: false }))
        {
            numbers.AddRange(await connection.QueryAsync(
                $"SELECT next_not_cached_value, maximum_value FROM {MariaDbNames.Quote(server.Database, sequence.Name)} WHERE increment > 0 AND NOT cycle_option",
                [],
                row => new NumberState(sequence.Name, "the sequence", Convert.ToDecimal(row.GetValue(0), CultureInfo.InvariantCulture), Convert.ToDecimal(row.GetValue(1), CultureInfo.InvariantCulture)),
                token));
        }

        return numbers;
    }

    // The server hands out numbers ahead: the next one may be lower than what is told, and is behind for certain where even that is taken.
    private async Task<IReadOnlyList<SequenceState>> SequencesAsync(MySqlConnection connection, CancellationToken token)
    {
        var columns = await connection.QueryAsync(Numbered, [server.Database], row => (Table: row.Text(0), Column: row.Text(1), Sequence: row.Text(2)["nextval(".Length..].TrimEnd(')')), token);
        var sequences = new List<SequenceState>();
        foreach (var (table, column, sequence) in columns)
        {
            var highest = await connection.TextAsync($"SELECT MAX({MariaDbNames.Quote(column)}) FROM {MariaDbNames.Quote(server.Database, table)}", [], token);
            var at = await NextAsync(connection, sequence, token);
            if (at.Count == 1 && at[0].Step > 0)
            {
                sequences.Add(new SequenceState(MariaDbNames.Read(sequence).Name, $"{table}.{column}", at[0].Next, long.TryParse(highest, CultureInfo.InvariantCulture, out var number) ? number : null));
            }
        }

        return sequences;
    }

    // None where the sequence is of another database that the account has no right on.
    private static async Task<IReadOnlyList<(long Next, double Step)>> NextAsync(MySqlConnection connection, string sequence, CancellationToken token)
    {
        try
        {
            return await connection.QueryAsync($"SELECT next_not_cached_value, increment FROM {sequence}", [], row => ((long)row.Number(0), row.Number(1)), token);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return [];
        }
    }

    private Task<T> AskAsync<T>(Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => server.AskAsync(jobs, ask, cancellationToken);

    private static Found Read(MySqlDataReader row) => new(
        row.Text(0), row.Text(1), row.Text(2), row.Text(3), (long)row.Number(4), row.Number(5) != 0, row.IsDBNull(6) ? null : Convert.ToDecimal(row.GetValue(6), CultureInfo.InvariantCulture), row.Text(7));

    private sealed record Found(string Name, string Type, string Engine, string Comment, long Bytes, bool IsPartitioned, decimal? Next, string File)
    {
        internal bool IsTable => Type is "BASE TABLE" or "SYSTEM VERSIONED";

        internal bool IsSequence => Type == "SEQUENCE";

        // The server says in the comment why a view is invalid, and has no engine of a table that it cannot open.
        internal bool IsBroken => Type == "VIEW" ? Comment.Contains("references invalid", StringComparison.Ordinal) : Type != "SYSTEM VIEW" && Engine.Length == 0;
    }
}
