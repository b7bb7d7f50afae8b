using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>What has to be known of a statement that runs outside of the script's transaction.</summary>
internal static class PostgreSqlStatementKinds
{
    // Run again they do the same again.
    private static readonly string[] Repeatable = ["VACUUM", "ANALYZE", "REINDEX", "CLUSTER", "CHECKPOINT", "DISCARD", "REFRESH", "LOAD"];

    /// <summary>Begins a transaction of the script's own.</summary>
    internal static bool OpensTransaction(this SqlStatement statement) => statement.Begins("BEGIN") || statement.Begins("START", "TRANSACTION");

    /// <summary>Ends it so that it is in effect.</summary>
    internal static bool Commits(this SqlStatement statement) => (statement.Begins("COMMIT") && !statement.Begins("COMMIT", "PREPARED")) || statement.Begins("END");

    /// <summary>Ends it so that nothing of it is; not back to a savepoint within it.</summary>
    internal static bool RollsBack(this SqlStatement statement) =>
        (statement.Begins("ROLLBACK") && !statement.Begins("ROLLBACK", "PREPARED") && !statement.Tokens.Any(token => token.Is("TO"))) || statement.Begins("ABORT");

    /// <summary>Goes on in another transaction at once.</summary>
    internal static bool Chains(this SqlStatement statement) => statement.Tokens.Any(token => token.Is("CHAIN")) && !statement.Tokens.Any(token => token.Is("NO"));

    /// <summary>Changes nothing but the session, and has to be said again in another one.</summary>
    internal static bool IsSetting(this SqlStatement statement) => statement.Begins("SET") || statement.Begins("RESET");

    /// <summary>Is a query that changes a setting by <c>set_config</c>, for the session or for its transaction.</summary>
    internal static bool SetsByFunction(this SqlStatement statement) =>
        (statement.Begins("SELECT") || statement.Begins("WITH") || statement.Begins("VALUES")) && Mentions(statement, "set_config") && statement.Tokens.Any(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && SqlName.Part(token) == "set_config");

    /// <summary>Is nothing but such calls whose arguments are constants, as <c>pg_dump</c> writes: <c>SELECT pg_catalog.set_config('search_path', '', false)</c>.</summary>
    internal static bool IsConstantSetting(this SqlStatement statement)
    {
        var cursor = new SqlCursor(statement.Tokens);
        if (!cursor.Take("SELECT"))
        {
            return false;
        }

        do
        {
            if (cursor.TakeName()?.Name != "set_config" || !cursor.Take('(') || !TakesConstant(cursor) || !cursor.Take(',') || !TakesConstant(cursor) || !cursor.Take(',') || !TakesConstant(cursor) || !cursor.Take(')'))
            {
                return false;
            }

            if (cursor.Take("AS"))
            {
                cursor.TakeName();
            }
        }
        while (cursor.Take(','));

        return cursor.IsAtEnd;
    }

    /// <summary>Sets how long to wait for locks, which then is the script's own decision.</summary>
    internal static bool SetsLockTimeout(this SqlStatement statement) =>
        (statement.Begins("SET") && statement.Tokens.Take(3).Any(token => token.Is("lock_timeout"))) || (statement.SetsByFunction() && statement.Tokens.Any(token => token.Text == "'lock_timeout'"));

    /// <summary>Works beside writers and waits for old transactions, not with a lock that stops others; it may wait long.</summary>
    internal static bool IsConcurrent(this SqlStatement statement) => statement.Tokens.Any(token => token.Is("CONCURRENTLY")) && !statement.Begins("REFRESH");

    /// <summary>
    /// Looks through a table whether a constraint holds, and nothing else: the lock that it waits for keeps neither readers nor writers waiting behind it.
    /// </summary>
    internal static bool OnlyValidates(this SqlStatement statement)
    {
        if (!statement.Begins("ALTER", "TABLE") || !Mentions(statement, "VALIDATE"))
        {
            return false;
        }

        var cursor = new SqlCursor(statement.Tokens, at: 2);
        cursor.TakeNoise();
        var isSo = cursor.TakeName() is not null;
        do
        {
            isSo &= cursor.Take("VALIDATE", "CONSTRAINT") && cursor.TakeName() is not null;
        }
        while (cursor.Take(','));

        return isSo && cursor.IsAtEnd;
    }

    /// <summary>Is known to be refused within a transaction, or to commit by itself. What else is, the server says.</summary>
    internal static bool RunsAlone(this SqlStatement statement) => StatementTransactions.Of(statement) == StatementTransaction.Outside;

    /// <summary>Runs code that may commit while it runs, where no transaction is around it.</summary>
    internal static bool MayCommitWithin(this SqlStatement statement) => statement.Begins("CALL") || statement.Begins("DO");

    /// <summary>May be run again where nobody knows whether it ran.</summary>
    internal static bool IsRepeatable(this SqlStatement statement) => Array.Exists(Repeatable, word => statement.Begins(word)) || statement.Begins("ALTER", "SYSTEM");

    // Most statements mention it nowhere, and cost nothing more than that look.
    private static bool Mentions(SqlStatement statement, string word) => statement.Text.Contains(word, StringComparison.OrdinalIgnoreCase);

    // 'text', true, 5, with a type behind it or not.
    private static bool TakesConstant(SqlCursor cursor)
    {
        var isConstant = !cursor.IsAtEnd && (cursor.Current.Kind is SqlTokenKind.Text or SqlTokenKind.Number || cursor.SeesOneOf("true", "false", "NULL"));
        cursor.Skip();
        if (isConstant && cursor.Take(':'))
        {
            isConstant = cursor.Take(':') && cursor.TakeName() is not null;
        }

        return isConstant;
    }

    /// <summary>The names that <c>DROP INDEX CONCURRENTLY [IF EXISTS] a, b</c> drops, as they stand in the script; empty for every other statement.</summary>
    internal static IReadOnlyList<string> DroppedIndexes(this SqlStatement statement)
    {
        if (!statement.Begins("DROP", "INDEX", "CONCURRENTLY"))
        {
            return [];
        }

        var names = string.Concat(statement.Tokens.Skip(statement.Begins("DROP", "INDEX", "CONCURRENTLY", "IF", "EXISTS") ? 5 : 3).TakeWhile(token => !token.Is("CASCADE") && !token.Is("RESTRICT")).Select(token => token.Text));
        return names.Split(',');
    }
}
