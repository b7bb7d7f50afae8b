using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A statement as rules look at it: its text, what it is, and the script around it.</summary>
internal sealed class LintStatement
{
    private const int Shown = 100;

    // Of a long INSERT the rules need the beginning alone.
    private const int LongestRead = 100_000;

    private const int HeadLength = 16;

    internal LintStatement(SqlStatement statement, LintScript script)
    {
        Statement = statement;
        Script = script;
        var isLong = statement.Text.Length > LongestRead && statement.Begins("INSERT");
        var read = statement.RowsHead is { } rows ? new SqlClause([.. Pieces(statement).TakeWhile(token => token.Offset < rows)]) : isLong ? SqlClause.Empty : new SqlClause(statement.Tokens);
        All = Within(read);
        Settings = SettingChange.Read(read);
        Alter = AlterTable.TryRead(All, statement.Dialect);
        Create = CreateTable.TryRead(All, statement.Dialect);
        Index = CreateIndex.TryRead(All);
        Changes = DataChange.Read(read == SqlClause.Empty ? new SqlClause([.. Pieces(statement).Take(HeadLength)]) : All);
    }

    internal SqlStatement Statement { get; }

    /// <summary>The compound statement, or the definition of a routine, that it stands in; null where it stands by itself.</summary>
    internal LintStatement? Outer { get; init; }

    /// <summary>Whether it stands in a branch, a loop or before a handler: it may not be run, or be taken back.</summary>
    internal bool MayNotRun { get; init; }

    internal LintScript Script { get; }

    internal LintRun Run => Script.Run;

    /// <summary>All of it; of an INSERT of literal rows what stands before them, nothing of another very long INSERT; of MariaDB's <c>SET STATEMENT … FOR</c> the statement behind it.</summary>
    internal SqlClause All { get; }

    internal AlterTable? Alter { get; }

    internal CreateTable? Create { get; }

    internal CreateIndex? Index { get; }

    /// <summary>What it sets, MariaDB's ways of writing that among them.</summary>
    internal IReadOnlyList<SettingChange> Settings { get; }

    /// <summary>What it does to rows, in the order in which that stands in it.</summary>
    internal IReadOnlyList<DataChange> Changes { get; }

    /// <summary>True where it turns the lock timeout off, false where it sets one; null where it leaves it as it is. RESET brings the server's, which is none unless somebody has set one.</summary>
    internal bool? EndsLockTimeout
    {
        get
        {
            var cursor = All.Walk();
            if (cursor.Take("RESET"))
            {
                return cursor.SeesOneOf("lock_timeout", "ALL") ? true : null;
            }

            if (cursor.Take("SET"))
            {
                _ = cursor.Take("LOCAL") || cursor.Take("SESSION");
                if (!cursor.Take("lock_timeout"))
                {
                    return null;
                }

                _ = cursor.Take('=') || cursor.Take("TO");
                return IsNone(cursor.Current) || cursor.Sees("DEFAULT");
            }

            return Configured("lock_timeout") is { } value ? IsNone(value) : null;
        }
    }

    /// <summary>What PostgreSQL's set_config, which a query calls, gives this setting; null where it sets none, or others.</summary>
    internal SqlToken? Configured(string setting)
    {
        for (var i = 0; i + 4 < All.Tokens.Count; i++)
        {
            if (All.Tokens[i].Is("set_config") && All.Tokens[i + 1].Is('(') && All.Tokens[i + 2].Span.Trim('\'').Equals(setting, StringComparison.OrdinalIgnoreCase) && All.Tokens[i + 3].Is(','))
            {
                return All.Tokens[i + 4];
            }
        }

        return null;
    }

    /// <summary>Whether it says IF NOT EXISTS.</summary>
    internal bool MakesOnlyWhatIsMissing => All.Tokens.Zip(All.Tokens.Skip(1), All.Tokens.Skip(2)).Any(three => three.First.Is("IF") && three.Second.Is("NOT") && three.Third.Is("EXISTS"));

    /// <summary>The setting that it changes for the whole session; null where it changes none, or for the transaction only.</summary>
    internal string? SessionSetting
    {
        get
        {
            var cursor = All.Walk();
            if (!cursor.Take("SET") || cursor.SeesOneOf("LOCAL", "TRANSACTION", "CONSTRAINTS", "GLOBAL", "PASSWORD", "STATEMENT"))
            {
                return null;
            }

            cursor.Take("SESSION");
            return cursor.TakeName()?.ToString();
        }
    }

    private static SqlClause Within(SqlClause all) => all.Begins("SET", "STATEMENT") && all.IndexOf(["FOR"], atTop: true) is > 0 and var at ? all.From(at + 1) : all;

    private static IEnumerable<SqlToken> Pieces(SqlStatement statement) => SqlLexer.ReadTokens(statement.Text, statement.Lexing, statement.Line).Where(token => !token.IsComment);

    private static bool IsNone(SqlToken value) => value.Span.Trim('\'').TrimEnd("minshdu ") is "0";

    /// <summary>What it says on one line, cut.</summary>
    internal string OneLine
    {
        get
        {
            var text = string.Join(' ', Statement.Text[..Math.Min(Statement.Text.Length, 4 * Shown)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return text.Length <= Shown ? text : string.Concat(text.AsSpan(0, Shown - 1), "…");
        }
    }
}
