using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A part of a statement: its pieces in order.</summary>
internal sealed class SqlClause(IReadOnlyList<SqlToken> tokens)
{
    internal static SqlClause Empty { get; } = new([]);

    internal IReadOnlyList<SqlToken> Tokens => tokens;

    internal bool IsEmpty => tokens.Count == 0;

    internal SqlCursor Walk(int at = 0) => new(tokens, at);

    internal bool Begins(params ReadOnlySpan<string> words) => Walk().Sees(words);

    /// <summary>Whether these keywords stand side by side anywhere in it.</summary>
    internal bool Has(params ReadOnlySpan<string> words) => IndexOf(words, atTop: false) >= 0;

    /// <summary>Whether they do outside of brackets.</summary>
    internal bool HasAtTop(params ReadOnlySpan<string> words) => IndexOf(words, atTop: true) >= 0;

    /// <summary>The index of the first of these keywords; -1 where they do not stand side by side.</summary>
    internal int IndexOf(ReadOnlySpan<string> words, bool atTop)
    {
        var depth = 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            depth += tokens[i].Is('(') ? 1 : tokens[i].Is(')') ? -1 : 0;
            if ((!atTop || depth == 0) && Walk(i).Sees(words))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>What follows these keywords; null where they are not there.</summary>
    internal SqlClause? After(params ReadOnlySpan<string> words) =>
        IndexOf(words, atTop: false) is >= 0 and var at ? From(at + words.Length) : null;

    internal SqlClause From(int at) => new([.. tokens.Skip(at)]);

    /// <summary>The items of a list, parted by commas outside of brackets, up to the bracket that closes it or the end.</summary>
    internal IReadOnlyList<SqlClause> Items(int at)
    {
        var items = new List<SqlClause>();
        var cursor = Walk(at);
        do
        {
            var start = cursor.At;
            cursor.TakeItem();
            items.Add(new SqlClause([.. tokens.Skip(start).Take(cursor.At - start)]));
        }
        while (cursor.Take(','));

        return items;
    }

    /// <summary>The names in the first brackets; none where there are no brackets or an expression is within.</summary>
    internal IReadOnlyList<SqlName> FirstNames()
    {
        var open = tokens.ToList().FindIndex(token => token.Is('('));
        if (open < 0)
        {
            return [];
        }

        var items = Items(open + 1);
        var names = items.Select(item => item.Walk().TakeName()).ToList();
        return names.Contains(null) || items.Any(item => item.Tokens.Any(token => token.Is('('))) ? [] : [.. names.OfType<SqlName>()];
    }

    /// <summary>Its characters with one blank between pieces.</summary>
    public override string ToString() => string.Join(' ', tokens.Select(token => token.Text));
}
