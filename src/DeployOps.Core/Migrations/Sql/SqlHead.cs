namespace DeployOps.Migrations.Sql;

/// <summary>The first pieces of a statement, as far as they are keywords that tell where it ends.</summary>
internal sealed class SqlHead
{
    private const int Length = 6;

    private static readonly string[] Keywords =
        ["CREATE", "OR", "REPLACE", "FUNCTION", "PROCEDURE", "COPY", "EXPLAIN", "QUERY", "PLAN", "TEMP", "TEMPORARY", "TRIGGER"];

    private readonly List<string> words = new(Length);

    internal void Add(SqlTokenKind kind, ReadOnlySpan<char> piece)
    {
        if (words.Count < Length)
        {
            words.Add(kind == SqlTokenKind.Word ? Keyword(piece) : "");
        }
    }

    internal void Clear() => words.Clear();

    internal bool Is(int index, params ReadOnlySpan<string> keywords) => index < words.Count && keywords.Contains(words[index]);

    private static string Keyword(ReadOnlySpan<char> word)
    {
        foreach (var keyword in Keywords)
        {
            if (word.Equals(keyword, StringComparison.OrdinalIgnoreCase))
            {
                return keyword;
            }
        }

        return "";
    }
}
