using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.States;

/// <summary>Which names a migration's scripts mention: what they do not mention they were not meant to change.</summary>
internal sealed class ScriptWords
{
    // Of a longer statement, an INSERT of many rows, the beginning names the table.
    private const int LongestRead = 100_000;

    private static readonly string[] Removals = ["DELETE", "TRUNCATE", "MERGE", "REPLACE"];
    private static readonly string[] OfTables = ["TABLE", "INDEX", "VIEW", "MATERIALIZED", "TRIGGER"];

    private readonly HashSet<string> words = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> removing = new(StringComparer.OrdinalIgnoreCase);

    private ScriptWords()
    {
    }

    /// <summary>Whether they may reach tables that they do not name: by a procedure or a block, or by what is not a table and which tables use.</summary>
    internal bool ReachFurther { get; private set; }

    /// <summary>Whether a table is mentioned by a statement that takes rows away.</summary>
    internal bool Removes(TableState table) => Words(table.Name.Split('.')[^1]).All(removing.Contains);

    /// <summary>Whether one of them turns triggers or rules off and says why, by <c>-- deployops: allow LCK008 reason="…"</c> before it.</summary>
    internal bool DisableOnPurpose { get; private set; }

    /// <summary>Reads them.</summary>
    internal static ScriptWords Of(IEnumerable<MigrationScript> scripts, SqlDialect dialect)
    {
        var all = new ScriptWords();
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
            if (Has(names[^1]) || (names.Length > 1 && words.Contains("schema") && Has(names[0])))
            {
                return true;
            }
        }

        return false;
    }

    private bool Has(string name) => Words(name).All(words.Contains);

    private void Read(SqlStatement statement)
    {
        var text = statement.Text.AsSpan(0, Math.Min(statement.Text.Length, LongestRead));
        var removes = statement.Tokens.Where((token, at) => at == 0 || statement.Begins("WITH")).Any(token => Array.Exists(Removals, token.Is));
        foreach (var word in Words(text.ToString()))
        {
            words.Add(word);
            if (removes)
            {
                removing.Add(word);
            }
        }

        var changesOther = (statement.Begins("ALTER") || statement.Begins("DROP")) && !Array.Exists(OfTables, word => statement.Begins("ALTER", word) || statement.Begins("DROP", word));
        DisableOnPurpose |= statement.Directives.Any(directive => directive is { Name: "allow", Value: "LCK008", Reason: not null }) && statement.Tokens.Any(token => token.Is("DISABLE"));
        ReachFurther |= statement.Begins("DO") || statement.Begins("CALL") || statement.Begins("EXECUTE") || changesOther;
    }

    private static IEnumerable<string> Words(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isWord = i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '_' or '$');
            if (isWord && start < 0)
            {
                start = i;
            }
            else if (!isWord && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }
}
