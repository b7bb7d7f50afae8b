using System.Text.RegularExpressions;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// What an earlier run said to its session, and this one has to be told again: settings of constants, so that they are the same now. What ended with that session and cannot be said
/// again, such as a temporary table, is remembered, and the run refuses to go on where it may be needed.
/// </summary>
internal sealed class PostgreSqlSessionState
{
    private const string Everything = "";

    private static readonly string[] BeforeStatement = ["BEGIN", "THEN", "ELSE", "LOOP"];
    private static readonly string[] OfTransaction = ["LOCAL", "TRANSACTION", "CONSTRAINTS"];
    private static readonly Regex OfSession = new(@"\bset_config\b|\b(TEMP|TEMPORARY)\b|^'\s*SET\s", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);

    private readonly Dictionary<string, string> temporary = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> prepared = new(StringComparer.Ordinal);
    private string? lostSetting;

    /// <summary>Whether a statement that an earlier run did has to be said again; one that cannot be is remembered by what it left.</summary>
    internal bool IsAgain(SqlStatement statement)
    {
        if (statement.IsSetting())
        {
            return true;
        }

        if (statement.Begins("DISCARD"))
        {
            Discard(statement);
            return true;
        }

        if (statement.Begins("DO") && statement.Tokens.Any(ChangesSession))
        {
            lostSetting = "what a DO block set or made for its session ended with the run that was interrupted";
        }

        if (statement.SetsByFunction())
        {
            lostSetting = statement.IsConstantSetting() ? lostSetting : "what it set by set_config was made of more than constants";
            return statement.IsConstantSetting();
        }

        Remember(statement);
        return false;
    }

    /// <summary>Why a statement that is to run cannot: it may need what ended with the earlier session. Null where it needs nothing of it.</summary>
    internal string? Missing(SqlStatement statement)
    {
        if (statement.Begins("DISCARD"))
        {
            Discard(statement);
            return null;
        }

        if (lostSetting is not null)
        {
            return lostSetting;
        }

        if (temporary.Count > 0)
        {
            return temporary.Values.First();
        }

        return prepared.Count > 0 && statement.Tokens.FirstOrDefault(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && prepared.ContainsKey(SqlName.Part(token))) is { Text: not null } name
            ? prepared[SqlName.Part(name)]
            : null;
    }

    private void Discard(SqlStatement statement)
    {
        if (statement.Begins("DISCARD", "ALL") || statement.Begins("DISCARD", "TEMP") || statement.Begins("DISCARD", "TEMPORARY"))
        {
            temporary.Clear();
        }

        if (statement.Begins("DISCARD", "ALL"))
        {
            prepared.Clear();
            lostSetting = null;
        }
    }

    // What a block does to its session stays, and a block is not run once more. What it puts together when it runs is known by its words alone.
    private static bool ChangesSession(SqlToken block)
    {
        if (block.Kind != SqlTokenKind.Text)
        {
            return false;
        }

        List<SqlToken> inner = [.. SqlLexer.Read(block.Text.Trim('$', '\''), SqlDialect.PostgreSql).Where(token => !token.IsComment)];
        for (var at = 0; at < inner.Count; at++)
        {
            var cursor = new SqlCursor(inner, at);
            var begins = at == 0 || inner[at - 1].Kind == SqlTokenKind.Semicolon || Array.Exists(BeforeStatement, inner[at - 1].Is);
            if (inner[at].Is("TEMP") || inner[at].Is("TEMPORARY") || cursor.TakeName()?.Name == "set_config" || (inner[at].Kind == SqlTokenKind.Text && OfSession.IsMatch(inner[at].Text))
                || (begins && inner[at].Is("SET") && at + 1 < inner.Count && !Array.Exists(OfTransaction, inner[at + 1].Is)))
            {
                return true;
            }
        }

        return false;
    }

    private void Remember(SqlStatement statement)
    {
        var cursor = new SqlCursor(statement.Tokens);
        if (cursor.Take("CREATE"))
        {
            RememberTemporary(statement, cursor);
        }
        else if (cursor.Take("DROP"))
        {
            Drop(cursor);
        }
        else if (statement.Begins("SELECT") || statement.Begins("WITH"))
        {
            // SELECT … INTO TEMP name
            for (; !cursor.IsAtEnd; cursor.Skip())
            {
                if (cursor.Take("INTO") && (cursor.Take("LOCAL") | cursor.Take("TEMP") | cursor.Take("TEMPORARY")))
                {
                    _ = cursor.Take("TABLE");
                    temporary[cursor.TakeName()?.Name ?? Everything] = "it made a temporary table, which ended with the run that was interrupted";
                }
            }
        }
        else if (cursor.Take("PREPARE") && !cursor.Sees("TRANSACTION"))
        {
            prepared[cursor.TakeName()?.Name ?? Everything] = "it needs a prepared statement, which ended with the run that was interrupted";
        }
        else if (cursor.Take("DEALLOCATE"))
        {
            _ = cursor.Take("PREPARE");
            Forget(prepared, cursor);
        }
        else if (cursor.Take("DECLARE") && statement.Tokens.Any(token => token.Is("HOLD")) && !statement.Tokens.Any(token => token.Is("WITHOUT")))
        {
            prepared[cursor.TakeName()?.Name ?? Everything] = "it needs a cursor, which ended with the run that was interrupted";
        }
        else if (cursor.Take("CLOSE"))
        {
            Forget(prepared, cursor);
        }
    }

    private void RememberTemporary(SqlStatement statement, SqlCursor cursor)
    {
        _ = cursor.Take("OR", "REPLACE");
        _ = cursor.Take("GLOBAL") || cursor.Take("LOCAL");
        var isTemporary = cursor.Take("TEMP") || cursor.Take("TEMPORARY");
        _ = cursor.Take("RECURSIVE") || cursor.Take("UNLOGGED");
        if (!cursor.Take("TABLE") && !cursor.Take("VIEW") && !cursor.Take("SEQUENCE"))
        {
            // A function, a type, an operator of the session's own schema.
            isTemporary |= statement.Tokens.Any(token => token.Is("pg_temp"));
        }

        cursor.TakeNoise();
        var name = cursor.TakeName();
        if ((isTemporary || name?.Schema == "pg_temp") && !EndsAtCommit(statement))
        {
            temporary[name?.Name ?? Everything] = "it made something temporary, which ended with the run that was interrupted";
        }
    }

    private static bool EndsAtCommit(SqlStatement statement)
    {
        for (var cursor = new SqlCursor(statement.Tokens); !cursor.IsAtEnd; cursor.Skip())
        {
            if (cursor.Sees("ON", "COMMIT", "DROP"))
            {
                return true;
            }
        }

        return false;
    }

    private void Drop(SqlCursor cursor)
    {
        cursor.Skip();
        cursor.TakeNoise();
        foreach (var name in cursor.TakeNames())
        {
            temporary.Remove(name.Name);
        }
    }

    private static void Forget(Dictionary<string, string> known, SqlCursor cursor)
    {
        if (cursor.Sees("ALL"))
        {
            known.Clear();
        }
        else if (cursor.TakeName() is { } name)
        {
            known.Remove(name.Name);
        }
    }
}
