using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.States;

/// <summary>Which names a migration's scripts mention: what they do not mention they were not meant to change.</summary>
internal sealed class ScriptWords
{
    // Of a longer statement, an INSERT of many rows, the beginning names the table.
    private const int LongestRead = 100_000;

    private const string Schema = "schema";
    private static readonly string[] Removals = ["DELETE", "TRUNCATE", "MERGE", "REPLACE"];
    private static readonly string[] OfTables = ["TABLE", "INDEX", "VIEW", "MATERIALIZED", "TRIGGER"];

    // Of the words of a script only those count that are in names of tables: its rows may have any number of others.
    private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase) { Schema };
    private readonly HashSet<string> words = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> removing = new(StringComparer.OrdinalIgnoreCase);

    private ScriptWords(IEnumerable<TableState> tables)
    {
        foreach (var table in tables)
        {
            known.UnionWith(Words(table.Name));
        }
    }

    /// <summary>Whether they may reach tables that they do not name: by a procedure or a block, or by what is not a table and which tables use.</summary>
    internal bool ReachFurther { get; private set; }

    /// <summary>Whether one of them turns triggers or rules off and says why, by <c>-- deployops: allow LCK008 reason="…"</c> before it.</summary>
    internal bool DisableOnPurpose { get; private set; }

    /// <summary>Reads them.</summary>
    /// <param name="scripts">The scripts.</param>
    /// <param name="dialect">Their dialect.</param>
    /// <param name="tables">The tables that it is asked about.</param>
    internal static ScriptWords Of(IEnumerable<MigrationScript> scripts, SqlDialect dialect, IEnumerable<TableState> tables)
    {
        var all = new ScriptWords(tables);
        foreach (var script in scripts)
        {
            foreach (var statement in script.Statements(dialect))
            {
                all.Read(statement);
            }
        }

        return all;
    }

    /// <summary>Whether a table is mentioned, or the table it is a part of, or its schema where scripts change schemas.</summary>
    internal bool Mention(TableState table, IReadOnlyDictionary<string, TableState> all)
    {
        for (var (part, left) = (table, all.Count); part is not null && left >= 0; part = part.Parent is { } parent ? all.GetValueOrDefault(parent) : null, left--)
        {
            var names = part.Name.Split('.');
            if (Has(names[^1]) || (names.Length > 1 && words.Contains(Schema) && Has(names[0])))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a table is mentioned by a statement that takes rows away.</summary>
    internal bool Removes(TableState table) => Words(table.Name.Split('.')[^1]).All(removing.Contains);

    private bool Has(string name) => Words(name).All(words.Contains);

    private void Read(SqlStatement statement)
    {
        var removes = (statement.Begins("WITH") ? statement.Tokens : statement.Tokens.Take(1)).Any(token => Array.Exists(Removals, token.Is));
        var text = statement.Text.AsSpan(0, Math.Min(statement.Text.Length, LongestRead));
        var lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var (at, length) = Next(text, 0); length > 0; (at, length) = Next(text, at + length))
        {
            if (lookup.TryGetValue(text.Slice(at, length), out var word))
            {
                words.Add(word);
                _ = removes && removing.Add(word);
            }
        }

        var changesOther = (statement.Begins("ALTER") || statement.Begins("DROP")) && !Array.Exists(OfTables, word => statement.Begins("ALTER", word) || statement.Begins("DROP", word));
        DisableOnPurpose |= statement.Directives.Any(directive => directive is { Name: "allow", Value: "LCK008", Reason: not null }) && statement.Tokens.Any(token => token.Is("DISABLE"));
        ReachFurther |= statement.Begins("DO") || statement.Begins("CALL") || statement.Begins("EXECUTE") || changesOther;
    }

    private static List<string> Words(string text)
    {
        var found = new List<string>();
        for (var (at, length) = Next(text, 0); length > 0; (at, length) = Next(text, at + length))
        {
            found.Add(text.Substring(at, length));
        }

        return found;
    }

    // The next word: where it begins, and how long it is; 0 where there is none.
    private static (int At, int Length) Next(ReadOnlySpan<char> text, int from)
    {
        var at = from;
        while (at < text.Length && !IsOfWord(text[at]))
        {
            at++;
        }

        var end = at;
        while (end < text.Length && IsOfWord(text[end]))
        {
            end++;
        }

        return (at, end - at);
    }

    private static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '$';
}
