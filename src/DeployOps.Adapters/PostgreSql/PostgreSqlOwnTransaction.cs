using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>A transaction of the script's own, and what has to be recorded again when it is committed: what stands behind its first savepoint, to which it may have gone back.</summary>
internal sealed class PostgreSqlOwnTransaction
{
    private readonly List<(int Number, int Line, string Hash, long Rows)> afterSavepoint = [];
    private bool hasSavepoint;

    /// <summary>Whether it is open.</summary>
    internal bool IsOpen => First is not null;

    /// <summary>The statement that began it; null where none is open.</summary>
    internal int? First { get; private set; }

    /// <summary>The statements behind its first savepoint.</summary>
    internal IReadOnlyList<(int Number, int Line, string Hash, long Rows)> AfterSavepoint => afterSavepoint;

    /// <summary>A statement of it has run.</summary>
    internal void Adds(int number, SqlStatement statement, string hash, long rows)
    {
        First ??= number;
        hasSavepoint |= statement.Begins("SAVEPOINT");
        if (hasSavepoint)
        {
            afterSavepoint.Add((number, statement.Line, hash, rows));
        }
    }

    /// <summary>It was committed or rolled back, and perhaps another one goes on at once behind it.</summary>
    internal void Ends(int number, bool chains)
    {
        Close();
        First = chains ? number + 1 : null;
    }

    /// <summary>None is open any more.</summary>
    internal void Close()
    {
        afterSavepoint.Clear();
        (hasSavepoint, First) = (false, null);
    }
}
