using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The tables that a script keeps others from, by what its statements name, where the server shows nobody's locks: those tables, those that foreign keys tie to them, and those that
/// views, triggers and routines name.
/// </summary>
internal sealed class MariaDbNamedTables
{
    private const int MostStatements = 200;
    private const int Longest = 1_000;

    private const string Tables = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0";

    private const string Keys = "SELECT TABLE_NAME, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = @p0";

    // A trigger is named by whoever writes to its table.
    private const string Bodies =
        """
        SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @p0
        UNION ALL SELECT EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @p0
        UNION ALL SELECT ROUTINE_NAME, IFNULL(ROUTINE_DEFINITION, '') FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0
        """;

    private readonly List<string> statements = [];
    private IReadOnlyList<string> tables = [];
    private List<(string Table, string Other)> keys = [];
    private IReadOnlyList<(string Name, string Text)> bodies = [];
    private bool isKnown;
    private bool isRead;

    /// <summary>Whether a statement that names none of them is certain to be about none of them.</summary>
    internal bool AreAll => isKnown && Statements().Count < MostStatements;

    /// <summary>The script holds nothing of before any more.</summary>
    internal void Forget()
    {
        lock (statements)
        {
            statements.Clear();
        }
    }

    /// <summary>The script runs a statement, and keeps what that locks.</summary>
    internal void See(string sql)
    {
        lock (statements)
        {
            if (statements.Count < MostStatements)
            {
                statements.Add(sql.Length > Longest ? sql[..Longest] : sql);
            }
        }
    }

    /// <summary>Reads once what there is, while the script holds nothing: what is locked could not be looked at.</summary>
    internal async Task ReadAsync(MySqlConnection connection, string database)
    {
        if (isRead)
        {
            return;
        }

        isRead = true;
        try
        {
            tables = await connection.QueryAsync(Tables, [database], row => row.Text(0), CancellationToken.None);
            keys = [.. await connection.QueryAsync(Keys, [database], row => (row.Text(0), row.Text(1)), CancellationToken.None)];
            bodies = await connection.QueryAsync(Bodies, [database], row => (row.Text(0), row.Text(1)), CancellationToken.None);
            // An account that may not see what one says is told nothing of it.
            isKnown = bodies.All(body => body.Text.Length > 0);
        }
        catch (MySqlException e) when (!MariaDbErrors.IsLost(e))
        {
            // Somebody else has locked one of them, or this account may not see them: then names alone are certain of nothing.
            isKnown = false;
        }
    }

    /// <summary>Whether a statement, of a database, names one of them.</summary>
    internal bool AreNamedBy(MariaDbSampling.Connection one, string database)
    {
        var said = WithBodies(Statements());
        var own = tables.Concat(said.SelectMany(MariaDbDefinedTables.Of).Select(table => table.Name)).Where(table => said.Exists(sql => MariaDbSampling.Names(sql, table))).ToHashSet(StringComparer.OrdinalIgnoreCase);
        own.UnionWith([.. keys.Where(key => own.Contains(key.Table) || own.Contains(key.Other)).SelectMany(key => new[] { key.Table, key.Other })]);
        return own.Any(table => WithBodies([one.Sql]).Exists(sql => new MariaDbSampling.Lock(0, "", database, table).IsOf(sql, sql == one.Sql ? one.Database : database)));
    }

    // With what those say that they name, and so on.
    private List<string> WithBodies(List<string> said)
    {
        var rest = bodies.ToList();
        for (var i = 0; i < said.Count; i++)
        {
            foreach (var body in rest.FindAll(body => MariaDbSampling.Names(said[i], body.Name)))
            {
                said.Add(body.Text);
                rest.Remove(body);
            }
        }

        return said;
    }

    private List<string> Statements()
    {
        lock (statements)
        {
            return [.. statements];
        }
    }
}
