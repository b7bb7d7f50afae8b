using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What has to be known of a statement that runs outside of the script's transaction.</summary>
internal static class MariaDbStatementKinds
{
    // Run again they do the same again, or are refused aloud. TRUNCATE would take the rows that came since.
    private static readonly string[] Repeatable = ["ANALYZE", "CHECK", "OPTIMIZE", "REPAIR", "FLUSH", "GRANT", "REVOKE", "CACHE", "RESET"];

    /// <summary>The statements of a script, in order.</summary>
    internal static IEnumerable<SqlStatement> Statements(this MigrationScript script) => script.Statements(SqlDialect.MariaDb);

    /// <summary>The same as a session reads them.</summary>
    internal static IEnumerable<SqlStatement> Statements(this MigrationScript script, MariaDbSession session) => script.Statements(SqlDialect.MariaDb, session.AnsiQuotes);

    /// <summary>Begins a transaction of the script's own.</summary>
    internal static bool OpensTransaction(this SqlStatement statement) => (statement.Begins("BEGIN") && !statement.Begins("BEGIN", "NOT")) || statement.Begins("START", "TRANSACTION");

    /// <summary>Ends it so that it is in effect.</summary>
    internal static bool Commits(this SqlStatement statement) => statement.Begins("COMMIT");

    /// <summary>Ends it so that nothing of it is; not back to a savepoint within it.</summary>
    internal static bool RollsBack(this SqlStatement statement) => statement.Begins("ROLLBACK") && !statement.Tokens.Any(token => token.Is("TO"));

    /// <summary>Goes on in another transaction at once.</summary>
    internal static bool Chains(this SqlStatement statement) => statement.Tokens.Any(token => token.Is("CHAIN")) && !statement.Tokens.Any(token => token.Is("NO"));

    /// <summary>Commits by itself, or may: it cannot be in a transaction with the record of it.</summary>
    internal static bool RunsAlone(this SqlStatement statement) => StatementTransactions.Of(statement) is StatementTransaction.Outside or StatementTransaction.ImplicitCommit;

    /// <summary>Nobody knows what within it was committed when it failed, so that it is not tried again: a routine, a compound statement.</summary>
    internal static bool MayBeHalfDone(this SqlStatement statement) => StatementTransactions.Of(statement) == StatementTransaction.Outside || (statement.Begins("DROP") && statement.Tokens.Any(token => token.Is(',')));

    /// <summary>Takes away what a table or a sequence of that name holds, also where it looks the same afterwards.</summary>
    internal static bool ReplacesContent(this SqlStatement statement) => statement.Begins("CREATE", "OR", "REPLACE", "TABLE") || statement.Begins("CREATE", "OR", "REPLACE", "SEQUENCE");

    /// <summary>May be run again where nobody knows whether it ran.</summary>
    internal static bool IsRepeatable(this SqlStatement statement) =>
        Array.Exists(Repeatable, word => statement.Begins(word)) || statement.Begins("SET", "PASSWORD") || (statement.Begins("CREATE", "OR", "REPLACE") && !statement.ReplacesContent())
        || (statement.Begins("DROP") && statement.Has("IF", "EXISTS")) || (statement.Begins("CREATE") && statement.Has("IF", "NOT"));

    /// <summary>Makes a table that ends with the session.</summary>
    internal static bool MakesTemporary(this SqlStatement statement) => statement.Begins("CREATE", "TEMPORARY") || statement.Begins("CREATE", "OR", "REPLACE", "TEMPORARY");

    /// <summary>Names one of these tables.</summary>
    internal static bool Names(this SqlStatement statement, IReadOnlySet<string> tables) =>
        tables.Count > 0 && statement.Tokens.Any(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName && tables.Contains(token.Kind == SqlTokenKind.Word ? token.Text : SqlName.Part(token)));

    /// <summary>Why the statement cannot stand in a migration; null where it can.</summary>
    internal static string? Refusal(this SqlStatement statement) =>
        statement.Begins("LOCK", "TABLES") || statement.Begins("LOCK", "TABLE") || statement.Begins("UNLOCK") ? "the record of a statement could not be written while other tables are locked by LOCK TABLES"
        : statement.Begins("XA") ? "an XA transaction outlives the migration"
        : statement.Begins("BACKUP") || (statement.Begins("FLUSH") && statement.Has("READ", "LOCK")) ? "a lock of the whole server keeps the record of the migration from being written"
        : statement.Begins("SET") && statement.Tokens.Any(token => token.Is("autocommit")) ? "each statement commits with its record, whatever autocommit says; use BEGIN and COMMIT for what belongs together"
        : statement.Tokens.Any(token => token.Is("RELEASE_ALL_LOCKS")) ? "RELEASE_ALL_LOCKS() would let another runner in"
        : null;

    private static bool Has(this SqlStatement statement, string first, string second)
    {
        var tokens = statement.Tokens;
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is(first) && tokens[i + 1].Is(second))
            {
                return true;
            }
        }

        return false;
    }
}
