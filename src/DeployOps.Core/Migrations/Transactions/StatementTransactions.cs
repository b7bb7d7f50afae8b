using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Transactions;

/// <summary>Tells how a statement stands to a transaction around it.</summary>
public static class StatementTransactions
{
    private static readonly string[][] Control =
        [["BEGIN"], ["START", "TRANSACTION"], ["COMMIT"], ["END"], ["ABORT"], ["PREPARE", "TRANSACTION"], ["XA"]];

    // Each page of the manual says that it cannot be executed inside a transaction block; CALL may commit within its procedure.
    private static readonly string[][] OutsidePostgreSql =
    [
        ["VACUUM"], ["CALL"], ["ALTER", "SYSTEM"], ["DISCARD", "ALL"],
        ["CREATE", "DATABASE"], ["DROP", "DATABASE"], ["CREATE", "TABLESPACE"], ["DROP", "TABLESPACE"], ["CREATE", "SUBSCRIPTION"], ["DROP", "SUBSCRIPTION"],
    ];

    private static readonly string[][] NeutralPostgreSql = [["SET"], ["RESET"], ["SHOW"], ["ANALYZE"], ["ANALYSE"], ["CHECKPOINT"]];

    // "Statements that cause an implicit commit" in MariaDB's manual.
    private static readonly string[][] CommittingMariaDb =
    [
        ["ALTER"], ["ANALYZE"], ["CACHE", "INDEX"], ["CHECK", "TABLE"], ["CREATE"], ["DROP"], ["FLUSH"], ["GRANT"], ["INSTALL"], ["LOAD", "INDEX"], ["LOCK", "TABLE"],
        ["LOCK", "TABLES"], ["OPTIMIZE"], ["RENAME"], ["REPAIR"], ["RESET"], ["REVOKE"], ["SET", "PASSWORD"], ["TRUNCATE"], ["UNINSTALL"], ["UNLOCK", "TABLES"],
    ];

    // They may commit within: a routine, a prepared text, a compound statement, the statement behind SET STATEMENT.
    private static readonly string[][] OutsideMariaDb =
        [["CALL"], ["EXECUTE"], ["BEGIN", "NOT", "ATOMIC"], ["IF"], ["CASE"], ["WHILE"], ["LOOP"], ["REPEAT"], ["FOR"], ["SET", "STATEMENT"]];

    private static readonly string[][] Temporary = [["CREATE", "TEMPORARY"], ["CREATE", "OR", "REPLACE", "TEMPORARY"], ["DROP", "TEMPORARY"]];

    /// <summary>How this statement stands to one, by its dialect.</summary>
    public static StatementTransaction Of(SqlStatement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        if (statement.RowsHead is not null)
        {
            return StatementTransaction.Inside;
        }

        if (statement.Dialect == SqlDialect.MariaDb && IsOneOf(statement, OutsideMariaDb))
        {
            return StatementTransaction.Outside;
        }

        if (IsOneOf(statement, Control) || (statement.Begins("ROLLBACK") && !statement.Tokens.Any(token => token.Is("TO"))))
        {
            return StatementTransaction.Control;
        }

        return statement.Dialect switch
        {
            SqlDialect.PostgreSql => PostgreSql(statement),
            SqlDialect.MariaDb => MariaDb(statement),
            _ => Sqlite(statement),
        };
    }

    private static StatementTransaction PostgreSql(SqlStatement statement) =>
        IsOneOf(statement, NeutralPostgreSql) ? StatementTransaction.Neutral
        : IsOneOf(statement, OutsidePostgreSql) || IsConcurrent(statement) || IsWholesale(statement) || IsRefresh(statement) ? StatementTransaction.Outside
        : StatementTransaction.Inside;

    private static StatementTransaction MariaDb(SqlStatement statement) =>
        IsOneOf(statement, Temporary) ? StatementTransaction.Inside
        : IsOneOf(statement, CommittingMariaDb) ? StatementTransaction.ImplicitCommit
        : statement.Begins("SET") || statement.Begins("SHOW") || statement.Begins("USE") ? StatementTransaction.Neutral
        : StatementTransaction.Inside;

    private static StatementTransaction Sqlite(SqlStatement statement) =>
        statement.Begins("VACUUM") || statement.Begins("ATTACH") || statement.Begins("DETACH") ? StatementTransaction.Outside : StatementTransaction.Inside;

    private static bool IsConcurrent(SqlStatement statement)
    {
        var mayBe = statement.Begins("CREATE", "INDEX") || statement.Begins("CREATE", "UNIQUE", "INDEX") || statement.Begins("DROP", "INDEX") || statement.Begins("REINDEX")
            || (statement.Begins("ALTER", "TABLE") && statement.Tokens.Any(token => token.Is("DETACH")));
        return mayBe && statement.Tokens.Any(token => token.Is("CONCURRENTLY"));
    }

    // What works through the tables of a database commits after each of them.
    private static bool IsWholesale(SqlStatement statement)
    {
        if (statement.Begins("ALTER", "DATABASE"))
        {
            return statement.Tokens.Any(token => token.Is("TABLESPACE"));
        }

        if (!statement.Begins("REINDEX") && !statement.Begins("CLUSTER"))
        {
            return false;
        }

        var cursor = new SqlCursor(statement.Tokens, 1);
        cursor.TakeBrackets();
        cursor.Take("VERBOSE");
        return statement.Begins("CLUSTER") ? cursor.IsAtEnd : cursor.SeesOneOf("DATABASE", "SYSTEM", "SCHEMA");
    }

    // A subscription that looks at its publications anew, as it does by default when they change, makes slots on another server.
    private static bool IsRefresh(SqlStatement statement)
    {
        if (!statement.Begins("ALTER", "SUBSCRIPTION"))
        {
            return false;
        }

        var cursor = new SqlCursor(statement.Tokens, 2);
        cursor.TakeName();
        var isChange = cursor.SeesOneOf("SET", "ADD", "DROP");
        cursor.Skip();
        return cursor.Sees("PUBLICATION") && !(isChange && IsWithoutRefresh(statement.Tokens));
    }

    private static bool IsWithoutRefresh(IReadOnlyList<SqlToken> tokens) =>
        tokens.Zip(tokens.Skip(1), tokens.Skip(2)).Any(three => three.First.Is("refresh") && three.Second.Is('=') && three.Third.Text.Trim('\'').ToLowerInvariant() is "false" or "off" or "0");

    private static bool IsOneOf(SqlStatement statement, string[][] forms)
    {
        foreach (var form in forms)
        {
            if (statement.Begins(form))
            {
                return true;
            }
        }

        return false;
    }
}
