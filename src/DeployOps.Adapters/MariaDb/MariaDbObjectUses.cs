using System.Text.RegularExpressions;
using DeployOps.Migrations.Lint;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// What uses an object of MariaDB: foreign keys, checks and generated columns, which refuse that it is dropped, and the texts of views, triggers, routines and events of its database
/// that name it, which the server lets stand and which fail from then on. It keeps no dependencies: a text that has the word in a comment names it too.
/// </summary>
internal sealed class MariaDbObjectUses
{
    private const string Keys = """
        SELECT DISTINCT CONSTRAINT_NAME, TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE
        WHERE REFERENCED_TABLE_SCHEMA = @p0 AND REFERENCED_TABLE_NAME = @p1 AND NOT (TABLE_SCHEMA = @p0 AND TABLE_NAME = @p1) AND (@p2 IS NULL OR REFERENCED_COLUMN_NAME = @p2)
        UNION
        SELECT DISTINCT CONSTRAINT_NAME, TABLE_NAME FROM information_schema.KEY_COLUMN_USAGE
        WHERE TABLE_SCHEMA = @p0 AND TABLE_NAME = @p1 AND REFERENCED_TABLE_NAME IS NOT NULL AND @p2 IS NOT NULL AND (COLUMN_NAME = @p2 OR (REFERENCED_TABLE_NAME = @p1 AND REFERENCED_COLUMN_NAME = @p2))
        ORDER BY 2, 1
        """;

    // Generated columns first, then checks of the table; one that stands at the column itself goes with it.
    private const string Expressions = """
        SELECT 'column', COLUMN_NAME, GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = @p0 AND TABLE_NAME = @p1 AND COLUMN_NAME <> @p2 AND GENERATION_EXPRESSION IS NOT NULL
        UNION ALL
        SELECT 'check constraint', CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = @p0 AND TABLE_NAME = @p1 AND CONSTRAINT_NAME <> @p2
        """;

    // Each with the table that it belongs to, of triggers, and its text.
    private static readonly string[] Texts =
    [
        "SELECT 'view', TABLE_NAME, '', VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @p0 ORDER BY TABLE_NAME",
        "SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @p0 ORDER BY TRIGGER_NAME",
        "SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, '', ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0 ORDER BY ROUTINE_NAME",
        "SELECT 'event', EVENT_NAME, '', EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = @p0 ORDER BY EVENT_NAME",
    ];

    private readonly MySqlConnection connection;
    private readonly Dictionary<string, List<Naming>> texts = new(StringComparer.Ordinal);

    private MariaDbObjectUses(MySqlConnection connection) => this.connection = connection;

    /// <summary>What uses each of them; without those that nothing uses.</summary>
    /// <param name="connection">What is asked.</param>
    /// <param name="database">The database of what is named without one.</param>
    /// <param name="objects">What is taken away.</param>
    /// <param name="token">Stops it.</param>
    internal static async Task<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>> FindAsync(MySqlConnection connection, string database, IEnumerable<LostObject> objects, CancellationToken token)
    {
        var finder = new MariaDbObjectUses(connection);
        var found = new Dictionary<LostObject, IReadOnlyList<ObjectUse>>();
        foreach (var lost in objects.Where(one => one.Kind is LostKind.Relation or LostKind.Column or LostKind.Routine))
        {
            var (own, name) = MariaDbNames.Read(lost.Name.Written);
            if (await finder.UsesAsync(lost, own ?? database, name, token) is { Count: > 0 } uses)
            {
                found[lost] = uses;
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<ObjectUse>> UsesAsync(LostObject lost, string database, string name, CancellationToken token)
    {
        var naming = (await TextsAsync(database, token)).FindAll(text => text.Name != name && Names(text, lost, name));
        return
        [
            .. lost.Kind == LostKind.Routine || lost.Manner != LossManner.Dropped ? [] : await RefusingAsync(database, name, lost.Part, token),
            .. naming.Select(text => new ObjectUse(text.Kind, text.Table.Length > 0 ? $"{text.Name} on {text.Table}" : text.Name, text.Table.Length > 0 ? [database, text.Table, text.Name] : [database, text.Name], UseManner.Breaks)),
        ];
    }

    private async Task<IReadOnlyList<ObjectUse>> RefusingAsync(string database, string table, string? column, CancellationToken token)
    {
        var keys = await connection.QueryAsync(Keys, [database, table, column], row => new ObjectUse("foreign key", $"{row.Text(0)} on {row.Text(1)}", [database, row.Text(1), row.Text(0)], UseManner.Refuses), token);
        if (column is null)
        {
            return keys;
        }

        var expressions = await connection.QueryAsync(Expressions, [database, table, column], row => (Kind: row.Text(0), Name: row.Text(1), Text: row.Text(2)), token);
        return [.. keys, .. expressions.Where(one => Has(one.Text, column)).Select(one => new ObjectUse(one.Kind, $"{one.Name} on {table}", [database, table, one.Name], UseManner.Refuses))];
    }

    // A trigger has the columns of its own table without naming it. It goes with its table, and follows it to another name.
    private static bool Names(Naming text, LostObject lost, string name) => lost.Part is { } column
        ? Has(text.Text, column) && (text.Table == name || Has(text.Text, name))
        : text.Table != name && Has(text.Text, name);

    private static bool Has(string text, string word) => Regex.IsMatch(text, $@"\b{Regex.Escape(word)}\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private async Task<List<Naming>> TextsAsync(string database, CancellationToken token)
    {
        if (!texts.TryGetValue(database, out var all))
        {
            all = [];
            foreach (var query in Texts)
            {
                all.AddRange(await connection.QueryAsync(query, [database], row => new Naming(row.Text(0), row.Text(1), row.Text(2), row.Text(3)), token));
            }

            texts[database] = all;
        }

        return all;
    }

    private sealed record Naming(string Kind, string Name, string Table, string Text);
}
