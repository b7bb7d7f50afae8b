using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations.Lint;

/// <summary>The script that is being looked at, and what its statements have done so far.</summary>
/// <param name="File">Its file name.</param>
/// <param name="Dialect">Its dialect.</param>
/// <param name="IsUndo">Whether it takes a version back.</param>
/// <param name="Transaction">What it is to its database; null where that is refused.</param>
/// <param name="Run">What the run made so far.</param>
internal sealed record LintScript(string File, SqlDialect Dialect, bool IsUndo, MigrationTransaction? Transaction, LintRun Run)
{
    // The last statement, where it put literal rows somewhere.
    private SqlStatement? rows;

    /// <summary>The line of an open BEGIN of its own; null where none is open.</summary>
    internal int? OpenSince { get; private set; }

    /// <summary>The first existing table that it took the strongest lock on, held until the transaction ends.</summary>
    internal SqlName? Locked { get; private set; }

    /// <summary>Constraints it added without looking at the rows.</summary>
    internal HashSet<string> NotValid { get; } = new(StringComparer.Ordinal);

    /// <summary>Settings it changed for the session and did not put back, by name with the statement.</summary>
    internal Dictionary<string, LintStatement> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it turned the lock timeout off and has not set one since.</summary>
    internal bool HasNoLockTimeout { get; private set; }

    /// <summary>Whether what it has was told already: a rule that speaks once a script.</summary>
    internal bool HasToldLocks { get; set; }

    internal bool IsInTransaction => Transaction == MigrationTransaction.Tx || OpenSince is not null;

    /// <summary>
    /// Whether a statement puts more rows where the one before it put some: what is to be said was said of the first, and it counts as seen. A dump is many thousands of them.
    /// </summary>
    internal bool SeesMoreRows(SqlStatement next)
    {
        var isMore = rows is not null && next is { RowsHead: not null, Directives.Count: 0 } && Head(next).SequenceEqual(Head(rows));
        if (isMore)
        {
            Run.SeeMoreRows(next.Line);
        }

        return isMore;
    }

    /// <summary>Sees a statement after the rules have seen it.</summary>
    internal void See(LintStatement statement)
    {
        var sql = statement.Statement;
        rows = sql.RowsHead is not null ? sql : null;
        if (StatementTransactions.Of(sql) == StatementTransaction.Control)
        {
            OpenSince = sql.Begins("BEGIN") || sql.Begins("START") ? sql.Line : null;
            Locked = null;
        }

        SeeWithin(statement);
    }

    /// <summary>Sees a statement of a block after the rules have seen it: a BEGIN of the block is none of the script.</summary>
    internal void SeeWithin(LintStatement statement)
    {
        var alter = statement.Alter;
        if (alter is not null && !Run.IsNew(alter.Table) && !alter.Actions.All(action => action.Begins("VALIDATE")))
        {
            Locked ??= alter.Table;
        }

        foreach (var action in alter?.Beginning("ADD", "CONSTRAINT").Where(action => action.HasAtTop("NOT", "VALID")) ?? [])
        {
            NotValid.Add(action.Walk(2).TakeName()?.Name ?? "");
        }

        HasNoLockTimeout = statement.EndsLockTimeout ?? HasNoLockTimeout;
        SeeSetting(statement);
        Run.See(statement);
    }

    private static ReadOnlySpan<char> Head(SqlStatement rows) => rows.Text.AsSpan(0, rows.RowsHead!.Value);

    private void SeeSetting(LintStatement statement)
    {
        var cursor = statement.All.Walk();
        if (cursor.Take("RESET"))
        {
            if (cursor.Sees("ALL"))
            {
                Settings.Clear();
            }

            Settings.Remove(cursor.Current.Text ?? "");
        }
        else if (statement.SessionSetting is { } setting)
        {
            if (statement.All.HasAtTop("DEFAULT"))
            {
                Settings.Remove(setting);
            }
            else
            {
                Settings.TryAdd(setting, statement.Outer ?? statement);
            }
        }
    }
}
