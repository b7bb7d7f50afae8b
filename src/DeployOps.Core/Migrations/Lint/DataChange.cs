using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What changes rows: a statement, or one in brackets within it, as PostgreSQL's <c>WITH gone AS (DELETE …)</c>.</summary>
/// <param name="Verb"><c>INSERT</c>, <c>UPDATE</c>, <c>DELETE</c>, <c>MERGE</c> or <c>REPLACE</c>.</param>
/// <param name="Tables">The tables it writes; empty where that is not clear, as with a join.</param>
/// <param name="Clause">It from the verb to its end.</param>
internal sealed record DataChange(string Verb, IReadOnlyList<SqlName> Tables, SqlClause Clause)
{
    private static readonly string[] Verbs = ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"];
    private static readonly string[] Noise = ["INTO", "FROM", "LOW_PRIORITY", "QUICK", "IGNORE", "DELAYED", "HIGH_PRIORITY"];

    /// <summary>The line of the script it starts on.</summary>
    internal int Line => Clause.Tokens[0].Line;

    /// <summary>Whether a WHERE chooses among the rows; <c>WHERE true</c> and <c>WHERE 1 = 1</c> choose all.</summary>
    internal bool HasWhere => Clause.IndexOf(["WHERE"], atTop: true) is >= 0 and var at && !IsAlways(at + 1);

    internal bool HasLimit => Clause.HasAtTop("LIMIT");

    /// <summary>Whether it may touch many rows: all but an INSERT of values.</summary>
    internal bool IsBulk => Verb != "INSERT" || Clause.Has("SELECT");

    /// <summary>Whether it changes the rows of a table by those of another one: a MERGE that does more than to insert.</summary>
    internal bool ChangesMatched => Verb == "MERGE" && (Clause.Has("THEN", "UPDATE") || Clause.Has("THEN", "DELETE"));

    /// <summary>The tables whose rows it copies; none where it copies none, or so many at most.</summary>
    internal IEnumerable<SqlName> Copied
    {
        get
        {
            if (Verb is not ("INSERT" or "REPLACE") || HasLimit)
            {
                yield break;
            }

            var depth = 0;
            for (var i = 0; i < Clause.Tokens.Count; i++)
            {
                depth += Clause.Tokens[i].Is('(') ? 1 : Clause.Tokens[i].Is(')') ? -1 : 0;
                foreach (var name in depth == 0 && (Clause.Tokens[i].Is("FROM") || Clause.Tokens[i].Is("JOIN")) ? Names(Clause.Walk(i + 1)) : [])
                {
                    yield return name;
                }
            }
        }
    }

    /// <summary>Reads them in the order in which they stand; none of a statement that changes no rows, or that only defines what will.</summary>
    internal static IReadOnlyList<DataChange> Read(SqlClause statement)
    {
        if (Start(statement) is not { } start)
        {
            return [];
        }

        var main = Main(statement, start);
        var changes = new List<DataChange>();
        for (var i = start; i < statement.Tokens.Count; i++)
        {
            if (i == main)
            {
                changes.Add(Of(statement.From(i)));
            }
            else if (statement.Tokens[i].Is('(') && VerbAt(statement, i + 1) is not null && Within(statement, i + 1) is var inner && (inner.Has("SET") || !inner.Begins("UPDATE")))
            {
                changes.Add(Of(inner));
            }
        }

        return changes;
    }

    private bool IsAlways(int at) => IsAlways([.. Clause.Tokens.Skip(at).TakeWhile(token => !token.Is("RETURNING") && !token.Is("ORDER") && !token.Is("LIMIT"))]);

    private static bool IsAlways(List<SqlToken> condition)
    {
        if (Parts(condition, "OR") is { Count: > 1 } either)
        {
            return either.Any(IsAlways);
        }

        if (Parts(condition, "AND") is { Count: > 1 } both)
        {
            return both.All(IsAlways);
        }

        return condition switch
        {
            [var open, .. var inner, var close] when open.Is('(') && close.Is(')') => IsAlways(inner),
            [var alone] => alone.Is("TRUE") || (alone.Kind == SqlTokenKind.Number && alone.Span is not "0"),
            [var left, var sign, var right] => sign.Is('=') && left.Kind is SqlTokenKind.Number or SqlTokenKind.Text && left.Kind == right.Kind && left.Span.SequenceEqual(right.Span),
            _ => false,
        };
    }

    // What stands between these keywords, outside of brackets.
    private static List<List<SqlToken>> Parts(List<SqlToken> condition, string keyword)
    {
        var parts = new List<List<SqlToken>>();
        var (start, depth) = (0, 0);
        for (var i = 0; i <= condition.Count; i++)
        {
            if (i == condition.Count || (depth == 0 && condition[i].Is(keyword)))
            {
                parts.Add([.. condition.Take(i).Skip(start)]);
                start = i + 1;
            }
            else
            {
                depth += condition[i].Is('(') ? 1 : condition[i].Is(')') ? -1 : 0;
            }
        }

        return parts;
    }

    // Where a query or a change begins: behind EXPLAIN ANALYZE, which runs it, behind PREPARE … AS, which is run by its name, and behind CREATE TABLE … AS.
    private static int? Start(SqlClause statement)
    {
        var cursor = statement.Walk();
        if (cursor.Take("EXPLAIN"))
        {
            var isRun = statement.Has("ANALYZE") || statement.Has("ANALYSE");
            cursor.TakeBrackets();
            while (cursor.SeesOneOf("ANALYZE", "ANALYSE", "VERBOSE"))
            {
                cursor.Skip();
            }

            return isRun ? cursor.At : null;
        }

        if (cursor.Take("PREPARE"))
        {
            cursor.TakeName();
            cursor.TakeBrackets();
            return cursor.Take("AS") ? cursor.At : null;
        }

        return cursor.SeesOneOf("WITH", "SELECT", "VALUES", "COPY") || cursor.SeesOneOf(Verbs) || CreateTable.TryRead(statement, default) is not null ? 0 : null;
    }

    // A common table expression stands before the word that says what it is, and may bear a verb as its name.
    private static int Main(SqlClause statement, int start)
    {
        if (!statement.Walk(start).Sees("WITH"))
        {
            return statement.Walk(start).SeesOneOf(Verbs) ? start : -1;
        }

        var depth = 0;
        for (var i = start + 1; i < statement.Tokens.Count; i++)
        {
            depth += statement.Tokens[i].Is('(') ? 1 : statement.Tokens[i].Is(')') ? -1 : 0;
            if (depth == 0 && (statement.Tokens[i].Is("SELECT") || VerbAt(statement, i) is not null))
            {
                return statement.Tokens[i].Is("SELECT") ? -1 : i;
            }
        }

        return -1;
    }

    private static string? VerbAt(SqlClause statement, int at)
    {
        var cursor = statement.Walk(at);
        var verb = Array.Find(Verbs, word => cursor.Sees(word));
        cursor.Skip();
        return verb switch
        {
            null => null,
            "UPDATE" => cursor.IsAtEnd || cursor.Current.Is(',') || cursor.Current.Is('(') || cursor.Current.Is(')') || cursor.Sees("AS") ? null : verb,
            "DELETE" => cursor.Sees("FROM") ? verb : null,
            _ => cursor.Sees("INTO") ? verb : null,
        };
    }

    private static DataChange Of(SqlClause clause)
    {
        var verb = clause.Tokens[0].Text.ToUpperInvariant();
        var cursor = clause.Walk(1);
        if (cursor.Take("OR"))
        {
            cursor.Skip();
        }

        while (cursor.SeesOneOf(Noise))
        {
            cursor.Skip();
        }

        return new DataChange(verb, JoinsFirst(clause) ? [] : Names(cursor), clause);
    }

    private static List<SqlName> Names(SqlCursor cursor)
    {
        var names = new List<SqlName>();
        do
        {
            names.AddRange(cursor.TakeNames());
            cursor.Take("AS");
            if (cursor.Current.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName)
            {
                // An alias, where a comma follows it; else what comes behind the tables.
                cursor.Skip();
            }
        }
        while (cursor.Take(','));

        return names;
    }

    // MariaDB's UPDATE a JOIN b SET … writes whichever the SET names.
    private static bool JoinsFirst(SqlClause clause) =>
        clause.IndexOf(["JOIN"], atTop: true) is >= 0 and var join && clause.Begins("UPDATE") && join < clause.IndexOf(["SET"], atTop: true);

    private static SqlClause Within(SqlClause statement, int at)
    {
        var cursor = statement.Walk(at - 1);
        cursor.TakeBrackets();
        var end = cursor.At - (statement.Tokens[cursor.At - 1].Is(')') ? 1 : 0);
        return new SqlClause([.. statement.Tokens.Take(end).Skip(at)]);
    }
}
