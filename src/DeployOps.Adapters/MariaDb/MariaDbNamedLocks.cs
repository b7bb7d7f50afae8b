using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Whether scripts on a copy would take locks by name (<c>GET_LOCK</c>), which the whole server shares: not by their own words, but by triggers, views and routines of the database
/// that they set off. On the copy those would wait for production, and production for them.
/// </summary>
internal static class MariaDbNamedLocks
{
    private static readonly string[] Locks = ["GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS"];
    private static readonly string[] AtRunTime = ["PREPARE", "EXECUTE"];

    // A trigger runs by a change of rows and a view by a look at them, whoever names the table; a routine only where somebody names it.
    private const string Bodies = """
        SELECT 'view', TABLE_NAME, VIEW_DEFINITION, '', 0 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @p0
        UNION ALL SELECT 'trigger', TRIGGER_NAME, ACTION_STATEMENT, SQL_MODE, 0 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @p0
        UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE, 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0
        """;

    /// <summary>The first, in words; null where there is none.</summary>
    internal static async Task<string?> FindAsync(MySqlConnection connection, string database, IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var bodies = await connection.QueryAsync(
            Bodies, [database], row => new Body(row.Text(0), row.Text(1), row.IsDBNull(2) ? "" : row.Text(2), row.Text(3).Contains("NO_BACKSLASH_ESCAPES", StringComparison.Ordinal), row.Number(4) == 1), cancellationToken);
        // Only where one of them takes locks does it matter what is set off.
        var taking = bodies.Where(body => body.Lock is not null).ToList();
        if (taking.Count == 0)
        {
            return null;
        }

        var words = scripts.SelectMany(script => script.Statements()).Select(statement => statement.Text).Concat(queries.Select(query => query.Sql)).SelectMany(text => Words(text, isRaw: false)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = bodies.Where(body => !body.IsRoutine).ToList();
        var left = bodies.Where(body => body.IsRoutine).ToList();
        words.UnionWith(reached.SelectMany(body => body.Words));
        while (left.FindAll(body => words.Contains(body.Name) || Array.Exists(AtRunTime, words.Contains)) is { Count: > 0 } called)
        {
            reached.AddRange(called);
            left.RemoveAll(called.Contains);
            words.UnionWith(called.SelectMany(body => body.Words));
        }

        return taking.Find(reached.Contains) is { } taker ? $"the {taker.Kind} {taker.Name} has {taker.Lock}, and locks by name are the whole server's: production would wait for the rehearsal, and the rehearsal for production" : null;
    }

    private static IEnumerable<string> Words(string text, bool isRaw) => isRaw
        ? text.Split([.. " \t\r\n();,.'\"`="], StringSplitOptions.RemoveEmptyEntries)
        : SqlLexer.Read(text, SqlDialect.MariaDb).Where(token => !token.IsComment).Select(token => token.Kind == SqlTokenKind.QuotedName ? MariaDbNames.Read(token.Text).Name : token.Text);

    /// <summary>What runs without being a script.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Text">What it does.</param>
    /// <param name="IsRaw">Whether its text is of a mode that it cannot be cut in.</param>
    /// <param name="IsRoutine">Whether it runs only where it is named.</param>
    private sealed record Body(string Kind, string Name, string Text, bool IsRaw, bool IsRoutine)
    {
        internal IReadOnlyList<string> Words { get; } = [.. MariaDbNamedLocks.Words(Text, IsRaw)];

        internal string? Lock => Array.Find(Locks, word => Words.Contains(word, StringComparer.OrdinalIgnoreCase));
    }
}
