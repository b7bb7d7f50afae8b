using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// What an earlier run said to its session, and this one has to be told again: settings of constants, so that they are the same now. What ended with that session and cannot be said
/// again, such as a temporary table, is remembered, and the run refuses to go on where it may be needed.
/// </summary>
internal sealed class PostgreSqlSessionState
{
    private const string Everything = "";
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
