using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// What reaches beyond the script: transactions left open, settings of the server or of the session, checks turned off. TX001 is known to squawk
/// (transaction-nesting, ban-uncommitted-transaction); ENV001 is our own.
/// </summary>
internal static class EnvironmentRules
{
    private static readonly SqlDialect[] Servers = [SqlDialect.PostgreSql, SqlDialect.MariaDb];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("TX001", "transaction-nesting", LintSeverity.Error,
            "There is no transaction in a transaction: the second BEGIN says nothing, and the first COMMIT ends it all.",
            "Close the first one before, or leave both out: a script is one transaction by itself.",
            statement => statement.Script.OpenSince is not null && Opens(statement) ? [new LintHit()] : []) { Dialects = Servers, BySize = false },
        new("TX001", "commit-without-begin", LintSeverity.Error,
            "It ends a transaction that the script did not begin.",
            "Leave it out: a script is one transaction by itself.",
            statement => statement.Script.OpenSince is null && Closes(statement) ? [new LintHit()] : []) { Dialects = Servers, BySize = false },
        new("ENV001", "alter-system", LintSeverity.Error,
            "It changes the whole server, outside of any transaction, and stays when the migration is taken back.",
            "Change the server's configuration where it is kept.",
            statement => statement.All.Begins("ALTER", "SYSTEM") || statement.Settings.Any(setting => setting.IsGlobal) ? [new LintHit()] : []) { Dialects = Servers, BySize = false },
        new("ENV001", "checks-off", LintSeverity.Error,
            "Triggers and foreign keys are not kept meanwhile, so that rows may be left that no check will ever look at.",
            "Write the rows so that they pass.",
            statement => TurnsChecksOff(statement) ? [new LintHit()] : []) { BySize = false },
        new("SQL002", "not-looked-into", LintSeverity.Warning,
            "What it runs is put together when it runs, or written in another language: no rule has looked at it.",
            "Write the statements out, or look at them by the same rules yourself and allow it.",
            statement => DoBlock.IsHidden(statement.Statement) || (statement.Outer is not null && DoBlock.IsPutTogether(statement.All)) ? [new LintHit()] : []) { BySize = false },
        new("ENV001", "create-extension", LintSeverity.Warning,
            "It fails where the extension's files are not installed, on replicas at the time they are promoted.",
            "Install it on every server first; allow it then.",
            statement => statement.All.Begins("CREATE", "EXTENSION") ? [new LintHit()] : []) { BySize = false },
        new("ENV001", "foreign-keys-pragma", LintSeverity.Warning,
            "Within a transaction PRAGMA foreign_keys does nothing, and a script is one.",
            "Leave it out; PRAGMA defer_foreign_keys = ON works until the end of the script.",
            statement => IsPragma(statement, "foreign_keys") ? [new LintHit()] : []) { Dialects = [SqlDialect.Sqlite], BySize = false },
        new("ENV001", "writable-schema", LintSeverity.Error,
            "A mistake in the schema table makes the database unreadable.",
            "Make a new table, copy the rows and rename it.",
            statement => IsPragma(statement, "writable_schema") ? [new LintHit()] : []) { Dialects = [SqlDialect.Sqlite], BySize = false },
    ];

    /// <summary>What is known at the end of a script: an open transaction, and settings that reach the scripts behind it.</summary>
    internal static IEnumerable<(LintRule Rule, LintStatement? Statement, LintHit Hit)> AtEnd(LintScript script)
    {
        if (script.OpenSince is { } line)
        {
            yield return (Uncommitted, null, new LintHit { Line = line });
        }

        // MariaDB's scripts have a session each.
        foreach (var statement in script.Dialect == SqlDialect.MariaDb ? [] : script.Settings.Where(setting => !IsWatched(setting.Key)).Select(setting => setting.Value))
        {
            yield return (Leaking, statement, new LintHit());
        }
    }

    private static readonly LintRule Uncommitted = new(
        "TX001", "ban-uncommitted-transaction", LintSeverity.Error,
        "The transaction that begins here is not committed by the script: what it did would be lost without a word.",
        "Commit it, or leave BEGIN out: a script is one transaction by itself.",
        _ => []);

    private static readonly LintRule Leaking = new(
        "ENV001", "setting-leaks", LintSeverity.Warning,
        "The setting stays for the scripts behind this one.",
        "Write SET LOCAL in a transaction, or RESET it at the end of the script.",
        _ => []);

    private static bool Opens(LintStatement statement) => statement.Statement.Begins("BEGIN") || statement.Statement.Begins("START", "TRANSACTION");

    private static bool Closes(LintStatement statement) => StatementTransactions.Of(statement.Statement) == StatementTransaction.Control && !Opens(statement) && !statement.Statement.Begins("XA");

    // The migration sets these anew for every script, and LCK001 looks at the first.
    private static bool IsWatched(string setting) => setting is "lock_timeout" or "statement_timeout" or "idle_in_transaction_session_timeout" or "names" or "session_replication_role";

    private static bool TurnsChecksOff(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("SET"))
        {
            return statement.Configured("session_replication_role") is { } value && !IsOrigin(value);
        }

        _ = cursor.Take("LOCAL") || cursor.Take("SESSION");
        return cursor.Sees("session_replication_role") && !IsOrigin(statement.All.Tokens[^1]);
    }

    private static bool IsOrigin(SqlToken role) => role.Span.Trim('\'').Equals("origin", StringComparison.OrdinalIgnoreCase) || role.Is("DEFAULT");

    private static bool IsPragma(LintStatement statement, string name) =>
        statement.All.Begins("PRAGMA") && statement.All.Tokens.Any(token => token.Is(name)) && statement.All.Tokens.Any(token => token.Is('=') || token.Is('('));
}
