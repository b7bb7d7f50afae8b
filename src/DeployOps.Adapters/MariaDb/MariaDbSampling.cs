using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The queries of one look, and what is read of them.</summary>
internal static class MariaDbSampling
{
    /// <summary>Who is connected. An account without PROCESS sees its own connections.</summary>
    internal const string Connections =
        "SELECT ID, USER, HOST, IFNULL(DB, ''), COMMAND, TIME_MS, IFNULL(STATE, ''), STAGE, MAX_STAGE, PROGRESS, LEFT(IFNULL(INFO, ''), 1000) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()";

    /// <summary>Transactions that are open, with their age in seconds.</summary>
    internal const string Transactions =
        "SELECT trx_mysql_thread_id, trx_state, TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX";

    /// <summary>Whether the account may see transactions of others.</summary>
    internal static async Task<bool> SeesTransactionsAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.QueryAsync($"{Transactions} LIMIT 1", [], _ => true, cancellationToken);
            return true;
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return false;
        }
    }

    /// <summary>Who waits for a row that who has locked, with the wait in seconds.</summary>
    internal const string RowWaits =
        """
        SELECT DISTINCT r.trx_mysql_thread_id, b.trx_mysql_thread_id, IFNULL(TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()), 0)
        FROM information_schema.INNODB_LOCK_WAITS w JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
        """;

    /// <summary>Whether the plugin is there that tells who holds which metadata lock.</summary>
    internal const string HasLocks = "SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'METADATA_LOCK_INFO' AND PLUGIN_STATUS = 'ACTIVE'";

    /// <summary>Metadata locks of tables that are held.</summary>
    internal const string Locks = "SELECT THREAD_ID, LOCK_MODE, TABLE_SCHEMA, TABLE_NAME FROM information_schema.METADATA_LOCK_INFO WHERE LOCK_TYPE = 'Table metadata lock'";

    // Writers wait for each of them, readers too for the first and the third.
    private static readonly string[] Strong = ["MDL_EXCLUSIVE", "MDL_SHARED_NO_WRITE", "MDL_SHARED_NO_READ_WRITE", "MDL_SHARED_READ_ONLY"];

    private static readonly string[] OfRows = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];

    /// <summary>Reads a connection.</summary>
    internal static Connection ConnectionOf(MySqlDataReader row) => new(
        (long)row.Number(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), TimeSpan.FromMilliseconds(Math.Max(row.Number(5), 0)), row.Text(6), (int)row.Number(7), (int)row.Number(8), row.Number(9), row.Text(10));

    /// <summary>Reads a metadata lock.</summary>
    internal static Lock LockOf(MySqlDataReader row) => new((long)row.Number(0), row.Text(1), row.Text(2), row.Text(3));

    /// <summary>A connection of the server.</summary>
    /// <param name="Id">Its number.</param>
    /// <param name="User">Whose it is.</param>
    /// <param name="Host">From where, with the port.</param>
    /// <param name="Database">The database it has chosen, or empty.</param>
    /// <param name="Command">What it does: <c>Query</c>, <c>Sleep</c>, <c>Binlog Dump</c>.</param>
    /// <param name="Time">Since when.</param>
    /// <param name="State">What it is at, or waits for.</param>
    /// <param name="Stage">In which stage of its statement, from 1; 0 where the server does not say.</param>
    /// <param name="Stages">Of how many.</param>
    /// <param name="Progress">How much of that stage, 0 to 100.</param>
    /// <param name="Sql">The beginning of its statement, or empty.</param>
    internal sealed record Connection(long Id, string User, string Host, string Database, string Command, TimeSpan Time, string State, int Stage, int Stages, double Progress, string Sql)
    {
        /// <summary>Whether it waits for the definition of something that another one changes, or uses while this one wants to change it.</summary>
        internal bool WaitsForMetadata => State.StartsWith("Waiting for", StringComparison.Ordinal) && State.EndsWith("metadata lock", StringComparison.Ordinal);

        /// <summary>Whether it reads the binary log, as a replica does.</summary>
        internal bool ReadsLog => Command.StartsWith("Binlog Dump", StringComparison.Ordinal);

        /// <summary>Whether its statement reads or changes rows, and no definition.</summary>
        internal bool IsOfRows => Array.Exists(OfRows, word => Sql.TrimStart().StartsWith(word, StringComparison.OrdinalIgnoreCase));

        /// <summary>The tables that its statement keeps others from, by itself or while it waits for them.</summary>
        internal IEnumerable<Lock> Defines() => MariaDbDefinedTables.Of(Sql).Select(table => new Lock(Id, "", table.Schema ?? Database, table.Name));

        /// <summary>Whether its statement may be about the table of a lock.</summary>
        internal bool Names(Lock held) => held.IsOf(Sql, Database);

        /// <summary>Who it is: an application has no other name here than its account.</summary>
        internal string Name => $"{User}@{(Host.LastIndexOf(':') is >= 0 and var port ? Host[..port] : Host)}";

        /// <summary>How far its statement is, 0 to 100; null where the server does not say.</summary>
        internal int? Percent => Stages > 0 && Stage > 0 ? Math.Clamp((int)((100 * (Stage - 1) + Progress) / Stages), 0, 100) : null;

        /// <summary>It in words, with the age of its transaction where it has one.</summary>
        internal string Describe(TimeSpan? age) =>
            string.Create(CultureInfo.InvariantCulture, $"connection {Id} ({Name}), {Command.ToLowerInvariant()}{(age is { } open ? $", in a transaction for {open.TotalSeconds:0} s" : "")}");
    }

    /// <summary>A metadata lock that is held.</summary>
    /// <param name="Holder">The number of the connection.</param>
    /// <param name="Mode">Its mode.</param>
    /// <param name="Database">The table's database.</param>
    /// <param name="Name">The table.</param>
    internal sealed record Lock(long Holder, string Mode, string Database, string Name)
    {
        /// <summary>The table with its database.</summary>
        internal string Table => $"{Database}.{Name}";

        /// <summary>Whether it keeps writers out.</summary>
        internal bool IsStrong => Array.Exists(Strong, mode => mode == Mode);

        /// <summary>Whether a statement that runs in a database may be about the table: it names it, and its database where that is another one.</summary>
        internal bool IsOf(string sql, string database) => MariaDbSampling.Names(sql, Name) && (Database.Equals(database, StringComparison.OrdinalIgnoreCase) || MariaDbSampling.Names(sql, Database));
    }

    /// <summary>Whether a statement has a name in it, as a word of its own.</summary>
    internal static bool Names(string sql, string name)
    {
        for (var at = sql.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = sql.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if ((at == 0 || !IsLetter(sql[at - 1])) && (at + name.Length == sql.Length || !IsLetter(sql[at + name.Length])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLetter(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '$';
}
