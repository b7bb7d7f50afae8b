using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>How a server shows the metadata locks of a connection: by a plugin, by its performance schema, or not at all.</summary>
/// <param name="Query">Asks for table and mode, by the connection's number and the database; empty where the server shows none.</param>
/// <param name="Everyone">Asks for the locks of all connections, as <see cref="MariaDbSampling.LockOf"/> reads them; empty where the server shows none.</param>
internal sealed record MariaDbLockSight(string Query, string Everyone)
{
    private static readonly MariaDbLockSight None = new("", "");

    /// <summary>Why none are known, and what to do.</summary>
    internal const string Unknown = "metadata locks: install the plugin metadata_lock_info";

    // From weak to strong: https://mariadb.com/kb/en/metadata-locking/ and sql/mdl.h of the server.
    private static readonly string[] Modes =
    [
        "MDL_SHARED", "MDL_SHARED_HIGH_PRIO", "MDL_SHARED_READ", "MDL_SHARED_WRITE", "MDL_SHARED_UPGRADABLE", "MDL_SHARED_READ_ONLY", "MDL_SHARED_NO_WRITE", "MDL_SHARED_NO_READ_WRITE", "MDL_EXCLUSIVE",
    ];

    private const string OfPlugin = "SELECT TABLE_NAME, LOCK_MODE FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID = @p0 AND TABLE_SCHEMA = @p1 AND LOCK_TYPE = 'Table metadata lock'";

    private const string OfSchema =
        """
        SELECT l.OBJECT_NAME, CONCAT('MDL_', l.LOCK_TYPE) FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
        WHERE t.PROCESSLIST_ID = @p0 AND l.OBJECT_SCHEMA = @p1 AND l.OBJECT_TYPE = 'TABLE' AND l.LOCK_STATUS = 'GRANTED'
        """;

    private const string EveryoneOfSchema =
        """
        SELECT t.PROCESSLIST_ID, CONCAT('MDL_', l.LOCK_TYPE), l.OBJECT_SCHEMA, l.OBJECT_NAME FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
        WHERE l.OBJECT_TYPE = 'TABLE' AND l.LOCK_STATUS = 'GRANTED' AND t.PROCESSLIST_ID IS NOT NULL
        """;

    private const string HasSchema =
        "SELECT COUNT(*) FROM performance_schema.setup_instruments i JOIN performance_schema.setup_consumers c ON c.NAME = 'global_instrumentation' WHERE i.NAME = 'wait/lock/metadata/sql/mdl' AND i.ENABLED = 'YES' AND c.ENABLED = 'YES' AND @@performance_schema";

    /// <summary>Whether the server shows any.</summary>
    internal bool SeesLocks => Everyone.Length > 0;

    /// <summary>Finds out how.</summary>
    internal static async Task<MariaDbLockSight> FindAsync(MySqlConnection connection)
    {
        if (await connection.NumberAsync(MariaDbSampling.HasLocks, [], CancellationToken.None) > 0)
        {
            return new MariaDbLockSight(OfPlugin, MariaDbSampling.Locks);
        }

        try
        {
            return await connection.NumberAsync(HasSchema, [], CancellationToken.None) > 0 ? new MariaDbLockSight(OfSchema, EveryoneOfSchema) : None;
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return None;
        }
    }

    /// <summary>What a connection holds now: of each table its strongest lock, by its place among the modes.</summary>
    internal async Task<Dictionary<string, int>> LookAsync(MySqlConnection connection, long number, string database)
    {
        var held = Query.Length == 0 ? [] : await connection.QueryAsync(Query, [number, database], row => (Table: row.Text(0), Mode: Array.IndexOf(Modes, row.Text(1))), CancellationToken.None);
        return held.Where(one => one.Mode >= 0 && !MariaDbHistory.IsTable(one.Table)).GroupBy(one => one.Table, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Max(held => held.Mode), StringComparer.Ordinal);
    }

    /// <summary>The locks of tables that were there before and are held more strongly than before, in words: <c>orders MDL_EXCLUSIVE</c>.</summary>
    internal static IReadOnlyList<string> Stronger(Dictionary<string, int> before, Dictionary<string, int> after, IReadOnlySet<string> known) =>
    [
        .. (from held in after
            where known.Contains(held.Key) && held.Value > before.GetValueOrDefault(held.Key, -1)
            select $"{held.Key} {Modes[held.Value]}").Order(StringComparer.Ordinal),
    ];
}
