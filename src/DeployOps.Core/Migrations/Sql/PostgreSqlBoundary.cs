namespace DeployOps.Migrations.Sql;

/// <summary>
/// A semicolon ends nothing within parentheses (CREATE RULE … DO (…; …)) nor within the <c>BEGIN ATOMIC … END</c> body of a routine,
/// where each CASE has an END of its own: as psql reads it (psqlscan.l).
/// </summary>
internal sealed class PostgreSqlBoundary : ISqlBoundary
{
    private readonly SqlHead head = new();
    private int parentheses;
    private int bodies;
    private string previous = "";
    private bool fromStdin;

    public bool CanEnd => parentheses == 0 && bodies == 0;

    public bool HasData => fromStdin && head.Is(0, "COPY");

    private bool IsRoutine => head.Is(0, "CREATE") && head.Is(head.Is(1, "OR") && head.Is(2, "REPLACE") ? 3 : 1, "FUNCTION", "PROCEDURE");

    public void Take(SqlTokenKind kind, ReadOnlySpan<char> piece)
    {
        head.Add(kind, piece);
        if (kind == SqlTokenKind.Symbol)
        {
            parentheses = Math.Max(0, parentheses + (piece[0] switch { '(' => 1, ')' => -1, _ => 0 }));
        }

        var word = kind == SqlTokenKind.Word ? Word(piece) : piece is "." ? "." : "";
        if (parentheses == 0 && previous != ".")
        {
            fromStdin |= word == "STDIN" && previous == "FROM";
            bodies += IsRoutine ? Change(word) : 0;
        }

        previous = word;
    }

    public void Reset()
    {
        head.Clear();
        (parentheses, bodies, previous, fromStdin) = (0, 0, "", false);
    }

    private int Change(string word) => word switch
    {
        "ATOMIC" when bodies == 0 && previous == "BEGIN" => 1,
        "CASE" when bodies > 0 => 1,
        "END" when bodies > 0 => -1,
        _ => 0,
    };

    private static string Word(ReadOnlySpan<char> piece)
    {
        foreach (var word in (ReadOnlySpan<string>)["FROM", "STDIN", "BEGIN", "ATOMIC", "CASE", "END"])
        {
            if (piece.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return word;
            }
        }

        return "";
    }
}
