using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// MariaDB's online DDL (its manual, InnoDB Online DDL Overview): a statement that names the algorithm it counts on fails at once instead of copying the table.
/// strong_migrations asks the same of MySQL.
/// </summary>
internal static class MariaDbRules
{
    private const int LongestWait = 3600;

    private static readonly SqlDialect[] Only = [SqlDialect.MariaDb];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("LCK001", "require-timeout-settings", LintSeverity.Error,
            "A statement that waits for its metadata lock makes everybody behind it wait, for as long as it waits.",
            "Leave lock_wait_timeout as it is set for the migration, or set a few seconds.",
            LongWait) { Dialects = Only, BySize = false },
        new("LCK002", "online-ddl-unstated", LintSeverity.Warning,
            "Where it cannot be done in place the server copies the table, and writers wait.",
            "Say ALGORITHM=INSTANT, NOCOPY or INPLACE with LOCK=NONE, so that it fails instead.",
            statement => IsUnstated(statement) ? [new LintHit(statement.Alter?.Table ?? statement.Index?.Table)] : []) { Dialects = Only },
        new("LCK002", "table-copy", LintSeverity.Error,
            "The table is copied, and writers wait.",
            "Say ALGORITHM=INSTANT, NOCOPY or INPLACE with LOCK=NONE, or change it by a shadow table.",
            statement => Options(statement).Any(option => option is "COPY" or "EXCLUSIVE" or "SHARED") ? [new LintHit(statement.Alter?.Table ?? statement.Index?.Table)] : []) { Dialects = Only },
        new("LCK005", "optimize-table", LintSeverity.Error,
            "The table is written anew.",
            "Do it outside of the migration.",
            statement => statement.All.Begins("OPTIMIZE") ? [new LintHit()] : []) { Dialects = Only },
        new("LCK006", "adding-foreign-key-constraint", LintSeverity.Error,
            "With its checks on the table is copied while writers wait.",
            "Add it when the table is quiet or by a shadow table.",
            statement => statement.Alter is { } alter && alter.AddedConstraints().Any(constraint => constraint.Begins("FOREIGN")) ? [new LintHit(alter.Table)] : []) { Dialects = Only },
        new("RWR001", "changing-column-type", LintSeverity.Warning,
            "Another type makes the server copy the table, and the running version meets it.",
            "Say ALGORITHM=INSTANT or NOCOPY, so that it fails where it would; else add a column, fill it in chunks and drop the old one in a later release.",
            statement => statement.Alter is { } alter && !Options(statement).Any() && alter.Actions.Any(action => action.Begins("MODIFY") || action.Begins("CHANGE")) ? [new LintHit(alter.Table)] : []) { Dialects = Only },
    ];

    private static bool IsUnstated(LintStatement statement) =>
        (statement.Alter is { } alter && !alter.Actions.All(IsInstant) || statement.Index is not null) && !Options(statement).Any();

    private static bool IsInstant(SqlClause action) => action.Begins("RENAME") || (action.Begins("ALTER") && action.Has("DEFAULT")) || action.Begins("COMMENT");

    private static IEnumerable<string> Options(LintStatement statement)
    {
        var tokens = statement.Alter is null && statement.Index is null ? [] : statement.All.Tokens;
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            if (tokens[i].Is("ALGORITHM") || tokens[i].Is("LOCK"))
            {
                yield return (tokens[i + 1].Is('=') && i + 2 < tokens.Count ? tokens[i + 2] : tokens[i + 1]).Text.ToUpperInvariant();
            }
        }
    }

    private static IEnumerable<LintHit> LongWait(LintStatement statement) =>
        statement.All.Begins("SET") && statement.All.Has("lock_wait_timeout") && int.TryParse(statement.All.Tokens[^1].Span, out var seconds) && seconds >= LongestWait ? [new LintHit()] : [];
}
