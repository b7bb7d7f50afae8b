using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// Locks that others wait for. Kinds of locks and what takes them: PostgreSQL's manual, 13.3 and the pages of the commands. The rules stand in squawk
/// (require-timeout-settings, require-concurrent-index-*, ban-concurrent-index-creation-in-transaction) and eugene (E4, E6, E9); LCK005 and LCK008 are our own.
/// </summary>
internal static class LockRules
{
    private static readonly string[] WeakModes = ["ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"];

    internal static IReadOnlyList<LintRule> All { get; } =
    [
        new("LCK001", "require-timeout-settings", LintSeverity.Error,
            "Without a lock timeout a statement that waits for its lock makes everybody behind it wait, without end.",
            "Leave lock_timeout as it is set for the migration, or set a few seconds.",
            NoTimeout) { BySize = false },
        new("LCK002", "require-concurrent-index-creation", LintSeverity.Error,
            "Building an index locks the table against writes until it is done.",
            "Write CREATE INDEX CONCURRENTLY, in a script of its own.",
            statement => statement.Index is { IsConcurrent: false, IsOnly: false } index ? [new LintHit(index.Table)] : []),
        new("LCK002", "require-concurrent-index-deletion", LintSeverity.Error,
            "Dropping an index locks its table against reads and writes, and waits for every transaction that uses it.",
            "Write DROP INDEX CONCURRENTLY, in a script of its own.",
            DroppedIndex),
        new("LCK002", "require-concurrent-reindex", LintSeverity.Error,
            "Rebuilding an index locks its table against writes, and against reads that would use it.",
            "Write REINDEX … CONCURRENTLY, in a script of its own.",
            statement => statement.All.Begins("REINDEX") && !statement.All.Has("CONCURRENTLY") ? [new LintHit(Reindexed(statement))] : []),
        new("LCK002", "require-concurrent-partition-detach", LintSeverity.Error,
            "Detaching a partition locks the whole partitioned table against reads and writes.",
            "Write DETACH PARTITION … CONCURRENTLY, in a script of its own.",
            statement => Actions(statement, action => action.Begins("DETACH", "PARTITION") && !action.Has("CONCURRENTLY") && !action.Has("FINALIZE"))),
        new("LCK003", "ban-concurrent-index-creation-in-transaction", LintSeverity.Error,
            "The server refuses CONCURRENTLY within a transaction (25001), after what came before it in the script was tried.",
            "Put it into a script of its own, without BEGIN and without a header that asks for a transaction.",
            ConcurrentInside) { BySize = false, SparesNew = false },
        new("LCK004", "statements-after-strong-lock", LintSeverity.Warning,
            "The script holds the strongest lock on a table until its end, while this statement works or waits.",
            "Put what follows the ALTER TABLE into a script of its own.",
            AfterLock),
        new("LCK005", "lock-table", LintSeverity.Error,
            "The table is locked until the script ends.",
            "Leave it out: statements take the locks they need; or take it in a weaker mode.",
            LockedTable) { Dialects = [SqlDialect.PostgreSql, SqlDialect.MariaDb] },
        new("LCK005", "cluster", LintSeverity.Error,
            "The table is written anew under a lock against reads and writes.",
            "Use pg_repack outside of the migration, or a window without traffic.",
            statement => statement.All.Begins("CLUSTER") ? [.. NamesAfter(statement, 1, "VERBOSE").DefaultIfEmpty().Take(1).Select(name => new LintHit(name))] : []),
        new("LCK005", "vacuum-full", LintSeverity.Error,
            "The table is written anew under a lock against reads and writes.",
            "Write VACUUM (ANALYZE), or use pg_repack outside of the migration.",
            VacuumFull),
        new("LCK005", "refresh-materialized-view", LintSeverity.Error,
            "Nobody can read the view until it is filled.",
            "Write REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index on the view.",
            statement => statement.All.Begins("REFRESH", "MATERIALIZED", "VIEW") && !statement.All.Has("CONCURRENTLY") && !statement.All.Has("NO", "DATA")
                ? [new LintHit(statement.All.Walk(3).TakeName())]
                : []),
        new("LCK008", "create-trigger", LintSeverity.Warning,
            "Making a trigger locks the table against writes, and every write runs it from then on.",
            "Do it in a script of its own, when the table is quiet.",
            statement => IsTrigger(statement) ? [new LintHit(TriggerTable(statement))] : []) { Dialects = [SqlDialect.PostgreSql, SqlDialect.MariaDb] },
        new("LCK008", "attach-partition", LintSeverity.Warning,
            "The rows of the new partition are scanned under a lock unless a CHECK shows that they fit.",
            "Add a CHECK like the partition's bounds, and that its key IS NOT NULL, as NOT VALID, validate it, then attach.",
            Attached),
        new("LCK008", "trigger-state", LintSeverity.Warning,
            "Turning triggers or rules on or off locks the table against writes; meanwhile what they keep is not kept, and a migration that leaves one off fails its checks.",
            "Do it in the session that needs it, or change the trigger's function; allowing it here allows to leave it off.",
            statement => Actions(statement, action => (action.Begins("DISABLE") || action.Begins("ENABLE")) && (action.Has("TRIGGER") || action.Has("RULE")))),
    ];

    private static IEnumerable<LintHit> Actions(LintStatement statement, Func<SqlClause, bool> isMeant) =>
        statement.Alter is { } alter ? alter.Actions.Where(isMeant).Take(1).Select(_ => new LintHit(alter.Table)) : [];

    // Building concurrently waits for old transactions, whom a short timeout would make it fail by, and takes no lock that others feel. So where statements run each for
    // itself it is those that run without a timeout and lock others out.
    private static IEnumerable<LintHit> NoTimeout(LintStatement statement)
    {
        if (statement.Script.Transaction != MigrationTransaction.NoTx)
        {
            return statement.EndsLockTimeout == true ? [new LintHit()] : [];
        }

        return statement.Script.HasNoLockTimeout ? LockedOut(statement).Where(hit => !statement.Run.IsNew(hit.Table)).Take(1) : [];
    }

    private static IEnumerable<LintHit> LockedOut(LintStatement statement)
    {
        var all = statement.All;
        var isOf = all.Begins("ALTER", "TABLE", "ALL") || all.Begins("ALTER", "INDEX") || all.Begins("ALTER", "VIEW") || all.Begins("ALTER", "MATERIALIZED") || all.Begins("DROP") || all.Begins("REFRESH") || all.Begins("CLUSTER") || all.Begins("REINDEX");
        return all.Has("CONCURRENTLY") ? []
            : statement.Alter is { } alter ? alter.Actions.All(action => action.Begins("VALIDATE")) ? [] : [new LintHit(alter.Table)]
            : statement.Index is { } index ? [new LintHit(index.Table)]
            : all.Begins("TRUNCATE") ? NamesAfter(statement, 1, "TABLE").Select(name => new LintHit(name))
            : all.Begins("DROP", "TABLE") ? NamesAfter(statement, 2).Select(name => new LintHit(name))
            : all.Begins("LOCK") ? LockedTable(statement)
            : IsTrigger(statement) ? [new LintHit(TriggerTable(statement))]
            : all.Begins("VACUUM") ? VacuumFull(statement)
            : isOf ? [new LintHit()] : [];
    }

    private static IEnumerable<LintHit> DroppedIndex(LintStatement statement)
    {
        if (!statement.All.Begins("DROP", "INDEX") || statement.All.Has("CONCURRENTLY"))
        {
            return [];
        }

        return NamesAfter(statement, 2).Where(name => !statement.Run.IsNewIndex(name)).Select(name => new LintHit { Subject = name });
    }

    private static SqlName? Reindexed(LintStatement statement)
    {
        var cursor = statement.All.Walk(1);
        cursor.TakeBrackets();
        return cursor.Take("TABLE") ? cursor.TakeName() : null;
    }

    private static IEnumerable<LintHit> ConcurrentInside(LintStatement statement)
    {
        var isConcurrent = StatementTransactions.Of(statement.Statement) == StatementTransaction.Outside && statement.All.Has("CONCURRENTLY");

        // A block of PostgreSQL is a transaction's part wherever it stands.
        return isConcurrent && (statement.Script.IsInTransaction || statement.Outer is not null) ? [new LintHit()] : [];
    }

    private static IEnumerable<LintHit> AfterLock(LintStatement statement)
    {
        var script = statement.Script;
        if (script.HasToldLocks || script.Locked is not { } locked || !script.IsInTransaction || !IsLong(statement, locked))
        {
            return [];
        }

        script.HasToldLocks = true;
        return [new LintHit(locked)];
    }

    private static bool IsLong(LintStatement statement, SqlName locked)
    {
        var isChange = statement.Changes.Any(change => change.IsBulk);
        var other = statement.Alter?.Table ?? statement.Index?.Table;
        return isChange || (other is not null && !other.Matches(locked) && !statement.Run.IsNew(other));
    }

    private static IEnumerable<LintHit> LockedTable(LintStatement statement)
    {
        if (!statement.All.Begins("LOCK"))
        {
            return [];
        }

        var text = statement.All.ToString();
        return WeakModes.Any(mode => text.Contains($"IN {mode} MODE", StringComparison.OrdinalIgnoreCase)) ? [] : NamesAfter(statement, 1, "TABLE", "TABLES").Select(name => new LintHit(name));
    }

    private static IEnumerable<LintHit> VacuumFull(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (!cursor.Take("VACUUM"))
        {
            return [];
        }

        var isFull = cursor.Sees("FULL") || (statement.All.Tokens.Count > 1 && statement.All.Tokens[1].Is('(') && statement.All.Has("FULL") && !statement.All.Has("FULL", "FALSE") && !statement.All.Has("FULL", "OFF"));
        cursor.TakeBrackets();
        while (cursor.SeesOneOf("FULL", "FREEZE", "VERBOSE", "ANALYZE"))
        {
            cursor.Skip();
        }

        return isFull ? cursor.TakeNames().DefaultIfEmpty().Select(name => new LintHit(name)) : [];
    }

    private static bool IsTrigger(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        cursor.Take("CREATE");
        cursor.Take("OR", "REPLACE");
        cursor.Take("CONSTRAINT");
        if (cursor.Take("DEFINER"))
        {
            while (!cursor.IsAtEnd && !cursor.SeesOneOf("TRIGGER", "VIEW", "PROCEDURE", "FUNCTION", "EVENT", "SQL", "PACKAGE", "AGGREGATE"))
            {
                cursor.Skip();
            }
        }

        return statement.All.Begins("CREATE") && cursor.Sees("TRIGGER");
    }

    private static SqlName? TriggerTable(LintStatement statement) => statement.All.After("ON")?.Walk().TakeName();

    // A partition with a CHECK that the author added for this is not scanned, and nobody waits for a new one.
    private static IEnumerable<LintHit> Attached(LintStatement statement)
    {
        if (statement.Alter is not { } alter || alter.Beginning("ATTACH", "PARTITION").FirstOrDefault() is not { } action)
        {
            return [];
        }

        var cursor = action.Walk(2);
        var partition = cursor.TakeName();
        return partition is not null && (statement.Run.IsNew(partition) || statement.Run.HasCheck(partition, action.From(cursor.At))) ? [] : [new LintHit(alter.Table)];
    }

    private static IReadOnlyList<SqlName> NamesAfter(LintStatement statement, int at, params string[] noise)
    {
        var cursor = statement.All.Walk(at);
        while (cursor.SeesOneOf(noise))
        {
            cursor.Skip();
        }

        return cursor.TakeNames();
    }
}
