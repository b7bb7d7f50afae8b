namespace DeployOps.Migrations.Sql;

/// <summary>A trigger ends at a semicolon after <c>END</c> after a semicolon, the rule of sqlite.org/c3ref/complete.html; all else at the first one.</summary>
internal sealed class SqliteBoundary : ISqlBoundary
{
    private readonly SqlHead head = new();
    private bool isAfterSemicolon;
    private bool hasEnd;

    public bool CanEnd => !IsTrigger || hasEnd;

    public bool HasData => false;

    private bool IsTrigger
    {
        get
        {
            var at = head.Is(0, "EXPLAIN") ? (head.Is(1, "QUERY") && head.Is(2, "PLAN") ? 3 : 1) : 0;
            return head.Is(at, "CREATE") && (head.Is(at + 1, "TRIGGER") || (head.Is(at + 1, "TEMP", "TEMPORARY") && head.Is(at + 2, "TRIGGER")));
        }
    }

    public void Take(SqlTokenKind kind, ReadOnlySpan<char> piece)
    {
        head.Add(kind, piece);
        hasEnd = isAfterSemicolon && kind == SqlTokenKind.Word && piece.Equals("END", StringComparison.OrdinalIgnoreCase);
        isAfterSemicolon = kind == SqlTokenKind.Semicolon;
    }

    public void Reset()
    {
        head.Clear();
        (isAfterSemicolon, hasEnd) = (false, false);
    }
}
