namespace DeployOps.Migrations.Sql;

/// <summary>
/// Sees by its pieces whether a statement puts literal rows into a table and does nothing else: <c>INSERT INTO name (columns) VALUES</c>, then strings, numbers, signs, NULL, TRUE, FALSE and
/// DEFAULT. Dumps consist of them, and what each means is in its beginning.
/// </summary>
internal sealed class SqlRows
{
    private static readonly string[] Literals = ["NULL", "DEFAULT", "TRUE", "FALSE"];

    private Part part;
    private int head;

    private enum Part
    {
        Insert,
        Into,
        Name,
        AfterName,
        Columns,
        AfterColumns,
        Rows,
        Other,
    }

    /// <summary>How long the beginning is, as far as VALUES; null where it is no such statement.</summary>
    internal int? Head => part == Part.Rows ? head : null;

    /// <summary>Sees the next piece of the statement, which is so long with it.</summary>
    internal void Take(SqlTokenKind kind, ReadOnlySpan<char> piece, int length)
    {
        part = part switch
        {
            Part.Insert => Is(kind, piece, "INSERT") ? Part.Into : Part.Other,
            Part.Into => Is(kind, piece, "INTO") ? Part.Name : Part.Other,
            Part.Name => IsName(kind) ? Part.AfterName : Part.Other,
            Part.AfterName when kind == SqlTokenKind.Symbol => piece switch { "." => Part.Name, "(" => Part.Columns, _ => Part.Other },
            Part.Columns => IsName(kind) || piece is "," ? Part.Columns : piece is ")" ? Part.AfterColumns : Part.Other,
            Part.AfterName or Part.AfterColumns => Is(kind, piece, "VALUES") ? Part.Rows : Part.Other,
            Part.Rows => IsLiteral(kind, piece) ? Part.Rows : Part.Other,
            _ => Part.Other,
        };
        head = part == Part.Rows && head == 0 ? length : head;
    }

    /// <summary>A new statement begins.</summary>
    internal void Reset() => (part, head) = (Part.Insert, 0);

    private static bool IsName(SqlTokenKind kind) => kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;

    private static bool IsLiteral(SqlTokenKind kind, ReadOnlySpan<char> piece) => kind switch
    {
        SqlTokenKind.Text or SqlTokenKind.Number => true,
        SqlTokenKind.Symbol => piece is "(" or ")" or "," or "." or "-" or "+",
        SqlTokenKind.Word => IsOneOf(piece),
        _ => false,
    };

    private static bool IsOneOf(ReadOnlySpan<char> piece)
    {
        foreach (var word in Literals)
        {
            if (piece.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(SqlTokenKind kind, ReadOnlySpan<char> piece, string word) => kind == SqlTokenKind.Word && piece.Equals(word, StringComparison.OrdinalIgnoreCase);
}
