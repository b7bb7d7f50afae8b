using System.Text.RegularExpressions;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What of a database is no table and cannot be renamed into another one: a trigger, a view, a routine, an event.</summary>
/// <param name="Kind">What it is, as <c>DROP</c> calls it.</param>
/// <param name="Name">Its name.</param>
/// <param name="SqlMode">The mode it was made in.</param>
/// <param name="TimeZone">An event's time zone; empty for all others.</param>
/// <param name="Creation">The statement that makes it.</param>
internal sealed record MariaDbObject(string Kind, string Name, string SqlMode, string TimeZone, string Creation)
{
    /// <summary>The character set that whoever made it sent it in; the server keeps its text in that one.</summary>
    internal string CharacterSet { get; init; } = "";

    /// <summary>The collation of whoever made it: literals in it are compared by it.</summary>
    internal string Collation { get; init; } = "";

    /// <summary>The default collation of its database when it was made: variables of it that say none have this one. Empty for views.</summary>
    internal string DatabaseCollation { get; init; } = "";

    // In it names are written between backticks, and packages are not understood.
    private const string PlainMode = "SET SESSION sql_mode = ''";
    // A trigger is of the database of its table, whichever the statement that made it names: TRIGGER shop.noted BEFORE INSERT ON shop.orders.
    private static readonly Regex OfDatabase = new(@"(?<head>^[^(]*? TRIGGER (IF NOT EXISTS )?)((`([^`]|``)+`|\w+)\s*\.\s*)?(?<name>`([^`]|``)+`|[^\s.`]+)(?<middle>\s+(BEFORE|AFTER)\s+\w+\s+ON\s+)((`([^`]|``)+`|[^\s.`]+)\s*\.\s*)?(?=`|[^\s.`])", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    private static readonly Regex Disabled = new("PRESERVE DISABLE(?= |$)", RegexOptions.ExplicitCapture);

    /// <summary>The statement that makes a trigger, without the database that it may name: where it is run is where the trigger is made.</summary>
    internal static string Unqualified(string creation) => OfDatabase.Replace(creation, match => match.Groups["head"].Value + match.Groups["name"].Value + match.Groups["middle"].Value, 1);

    /// <summary>All of the database that the connection has chosen: names of its own tables then stand without their database.</summary>
    internal static async Task<IReadOnlyList<MariaDbObject>> AllAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(cancellationToken, PlainMode);
        // By the alphabet a package is before its body, which cannot be made without it.
        var names = await connection.QueryAsync(
            """
            SELECT ROUTINE_TYPE, ROUTINE_NAME, 0 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
            UNION ALL SELECT 'VIEW', TABLE_NAME, 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
            UNION ALL SELECT 'TRIGGER', TRIGGER_NAME, 1 + ACTION_ORDER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
            UNION ALL SELECT 'EVENT', EVENT_NAME, 1000000 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
            ORDER BY 3, 1, 2
            """,
            [],
            row => (Kind: row.Text(0), Name: row.Text(1)),
            cancellationToken);
        var all = new List<MariaDbObject>();
        foreach (var (kind, name) in names)
        {
            all.AddRange(await connection.QueryAsync($"SHOW CREATE {kind} {MariaDbNames.Quote(name)}", [], row => Read(kind, name, row), cancellationToken));
        }

        return all;
    }

    /// <summary>Makes them. A view may need others that come after it.</summary>
    /// <param name="connection">It has chosen the database.</param>
    /// <param name="objects">What is made.</param>
    /// <param name="enabled">The events that are to be enabled though their statement says otherwise.</param>
    /// <param name="carryOut">Carries out the making of one of them, and tries it again where it meets a lock.</param>
    /// <param name="rights">Rights on routines, given once the routine is made. Null gives none.</param>
    internal static async Task CreateAsync(MySqlConnection connection, IReadOnlyList<MariaDbObject> objects, IReadOnlySet<string> enabled, Func<Func<Task>, Task> carryOut, IReadOnlyList<MariaDbRoutineRight>? rights = null)
    {
        var usual = await CollationAsync(connection);
        try
        {
            await CreateEachAsync(connection, objects, enabled, carryOut, rights ?? []);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open && await CollationAsync(connection) != usual)
            {
                await carryOut(() => connection.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE COLLATE {usual}"));
            }
        }
    }

    private static async Task CreateEachAsync(MySqlConnection connection, IReadOnlyList<MariaDbObject> objects, IReadOnlySet<string> enabled, Func<Func<Task>, Task> carryOut, IReadOnlyList<MariaDbRoutineRight> rights)
    {
        for (var left = objects; left.Count > 0;)
        {
            var waiting = new List<MariaDbObject>();
            MySqlException? reason = null;
            foreach (var one in left)
            {
                try
                {
                    await carryOut(() => one.CreateAsync(connection, one.Kind == "EVENT" && enabled.Contains(one.Name)));
                    foreach (var right in rights.Where(right => right.IsOn(one.Kind, one.Name)))
                    {
                        await carryOut(() => right.GiveAsync(connection));
                    }
                }
                catch (MySqlException e) when (one.Kind == "VIEW" && e.ErrorCode is MySqlErrorCode.NoSuchTable or MySqlErrorCode.StoredProcedureDoesNotExist or MySqlErrorCode.ViewInvalid)
                {
                    waiting.Add(one);
                    reason = e;
                }
            }

            if (waiting.Count == left.Count)
            {
                throw reason!;
            }

            left = waiting;
        }
    }

    /// <summary>Drops them.</summary>
    /// <param name="connection">It has chosen the database.</param>
    /// <param name="objects">What is dropped; what is not there is none.</param>
    internal static async Task DropAsync(MySqlConnection connection, IEnumerable<MariaDbObject> objects)
    {
        foreach (var one in objects)
        {
            var drop = $"DROP {one.Kind} IF EXISTS {MariaDbNames.Quote(one.Name)}";
            await connection.ExecuteAsync(CancellationToken.None, one.Kind.StartsWith("PACKAGE", StringComparison.Ordinal) ? ["SET SESSION sql_mode = 'ORACLE'", drop, PlainMode] : [drop]);
        }
    }

    private async Task CreateAsync(MySqlConnection connection, bool enable)
    {
        if (DatabaseCollation.Length > 0 && await CollationAsync(connection) != DatabaseCollation)
        {
            await connection.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE COLLATE {DatabaseCollation}");
        }

        // The text is sent as all others are, and read by the server in the character set of whoever made it: what is carried out by name is converted to that one.
        await connection.ExecuteAsync(CancellationToken.None, PlainMode);
        await connection.ExecuteAsync("SET @deployops_creation = @p0", [enable ? Disabled.Replace(Creation, "PRESERVE ENABLE", 1) : Creation], CancellationToken.None);
        await connection.ExecuteAsync("SET SESSION sql_mode = @p0", [SqlMode], CancellationToken.None);
        if (TimeZone.Length > 0)
        {
            await connection.ExecuteAsync("SET SESSION time_zone = @p0", [TimeZone], CancellationToken.None);
        }

        try
        {
            if (CharacterSet.Length > 0)
            {
                await connection.ExecuteAsync("SET SESSION character_set_client = @p0, collation_connection = @p1", [CharacterSet, Collation], CancellationToken.None);
            }

            await connection.ExecuteAsync(CancellationToken.None, "EXECUTE IMMEDIATE @deployops_creation");
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await connection.ExecuteAsync(CancellationToken.None, "SET NAMES utf8mb4");
            }
        }
    }

    private static async Task<string?> CollationAsync(MySqlConnection connection) =>
        await connection.TextAsync("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()", [], CancellationToken.None);

    private static MariaDbObject Read(string kind, string name, MySqlDataReader row)
    {
        var columns = Enumerable.Range(0, row.FieldCount).ToDictionary(row.GetName, row.Text, StringComparer.OrdinalIgnoreCase);
        var creation = columns.First(column => column.Key.StartsWith("Create ", StringComparison.OrdinalIgnoreCase) || column.Key.Equals("SQL Original Statement", StringComparison.OrdinalIgnoreCase)).Value;
        return new MariaDbObject(kind, name, columns.GetValueOrDefault("sql_mode", ""), columns.GetValueOrDefault("time_zone", ""), kind == "TRIGGER" ? Unqualified(creation) : creation)
        {
            CharacterSet = columns.GetValueOrDefault("character_set_client", ""),
            Collation = columns.GetValueOrDefault("collation_connection", ""),
            DatabaseCollation = columns.GetValueOrDefault("Database Collation", ""),
        };
    }
}
