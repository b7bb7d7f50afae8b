using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>What MariaDB's scripts change of their session, and what they hide from all other rules.</summary>
internal static class MariaDbSessionRules
{
    private static readonly SqlDialect[] Only = [SqlDialect.MariaDb];
    private static readonly string[] Checks = ["foreign_key_checks", "unique_checks", "check_constraint_checks"];
    private static readonly string[] Strict = ["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "TRADITIONAL", "@", "DEFAULT"];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("ENV001", "checks-off", LintSeverity.Error,
            "Keys and constraints are not looked at meanwhile, so that rows may be left that no check will ever look at.",
            "Write the rows so that they pass.",
            statement => Sets(statement, setting => Array.Exists(Checks, name => name == setting.Name) && !IsOn(setting))) { Dialects = Only, BySize = false },
        new("ENV001", "binary-log-off", LintSeverity.Error,
            "Replicas, and a recovery to a point in time, never get what is written meanwhile.",
            "Leave it on.",
            statement => Sets(statement, setting => setting.Name is "sql_log_bin" or "skip_replication" && setting.IsOff == (setting.Name == "sql_log_bin"))) { Dialects = Only, BySize = false },
        new("ENV001", "strict-mode-off", LintSeverity.Warning,
            "Values that do not fit are cut, and dates that do not exist become 0000-00-00, without an error.",
            "Leave sql_mode as it is, or keep STRICT_TRANS_TABLES in it.",
            statement => Sets(statement, setting => setting.Name == "sql_mode" && !Array.Exists(Strict, word => setting.Value.ToString().Contains(word, StringComparison.OrdinalIgnoreCase)))) { Dialects = Only, BySize = false },
        new("ENV001", "other-database", LintSeverity.Warning,
            "What follows is done in another database, which this migration's backup does not hold.",
            "Give that database migrations of its own.",
            statement => statement.All.Begins("USE") ? [new LintHit()] : []) { Dialects = Only, BySize = false },
        new("ENV001", "install-plugin", LintSeverity.Warning,
            "It changes the whole server, stays when the migration is taken back, and has to be there on every replica.",
            "Install it on every server first; allow it then.",
            statement => statement.All.Begins("INSTALL") || statement.All.Begins("UNINSTALL") ? [new LintHit()] : []) { Dialects = Only, BySize = false },
        new("ENV001", "made-at-run-time", LintSeverity.Warning,
            "What is run is a text that is made only then, so that no rule can look at it.",
            "Write the statement itself.",
            statement => statement.All.Begins("PREPARE") || statement.All.Begins("EXECUTE", "IMMEDIATE") ? [new LintHit()] : []) { Dialects = Only, BySize = false, OfBodies = true },
        new("TX001", "commit-within", LintSeverity.Warning,
            "It ends the transaction of whoever runs it, the record of a migration's statement with it: where something after it fails, nobody can tell what is in effect.",
            "Leave it to whoever calls it, or write the statements one after another into the script.",
            statement => statement.Outer is not null && Ends(statement) ? [new LintHit()] : []) { Dialects = Only, BySize = false, OfBodies = true },
        new("TX001", "definition-within", LintSeverity.Warning,
            "A definition commits what stood before it, and of what it is within nobody can tell how far it came where something after it fails.",
            "Write it into the script, as a statement of its own.",
            statement => statement.Outer is not null && StatementTransactions.Of(statement.Statement) == StatementTransaction.ImplicitCommit ? [new LintHit()] : []) { Dialects = Only, BySize = false, OfBodies = true },
    ];

    private static bool Ends(LintStatement statement) =>
        statement.All.Begins("COMMIT") || statement.All.Begins("START", "TRANSACTION") || (statement.All.Begins("ROLLBACK") && !statement.All.Has("TO"));

    private static IEnumerable<LintHit> Sets(LintStatement statement, Func<SettingChange, bool> isMeant) => statement.Settings.Any(isMeant) ? [new LintHit()] : [];

    // A variable holds what was before.
    private static bool IsOn(SettingChange setting) =>
        setting.Value.Tokens is [var one, ..] && (one.Is('@') || one.Span is "1" || one.Is("ON") || one.Is("TRUE") || one.Is("DEFAULT"));
}
