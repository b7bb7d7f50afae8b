using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A statement as rules look at it: its text, what it is, and the script around it.</summary>
internal sealed class LintStatement
{
    private const int Shown = 100;

    // Of a long INSERT the rules need the beginning alone.
    private const int LongestRead = 100_000;

    private static readonly SqlClause Nothing = new([]);

    internal LintStatement(SqlStatement statement, LintScript script)
    {
        Statement = statement;
        Script = script;
        All = statement.Text.Length > LongestRead && statement.Begins("INSERT") ? Nothing : new SqlClause(statement.Tokens);
        Alter = AlterTable.TryRead(All);
        Create = CreateTable.TryRead(All);
        Index = CreateIndex.TryRead(All);
    }

    internal SqlStatement Statement { get; }

    internal LintScript Script { get; }

    internal LintRun Run => Script.Run;

    /// <summary>All of it; nothing of a very long INSERT.</summary>
    internal SqlClause All { get; }

    internal AlterTable? Alter { get; }

    internal CreateTable? Create { get; }

    internal CreateIndex? Index { get; }

    /// <summary>Whether it says IF NOT EXISTS.</summary>
    internal bool MakesOnlyWhatIsMissing => Statement.Tokens.Zip(Statement.Tokens.Skip(1), Statement.Tokens.Skip(2)).Any(three => three.First.Is("IF") && three.Second.Is("NOT") && three.Third.Is("EXISTS"));

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
