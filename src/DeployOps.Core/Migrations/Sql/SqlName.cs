namespace DeployOps.Migrations.Sql;

/// <summary>The name of a table, an index, a type, as a statement writes it: folded to lower case where it stands without quotes.</summary>
/// <param name="Schema">What stands before its last point; null where nothing does.</param>
/// <param name="Name">The name alone.</param>
public sealed record SqlName(string? Schema, string Name)
{
    /// <summary>The same as it is written, with its schema and its quotes.</summary>
    public required string Written { get; init; }

    /// <summary>Whether both may be the same thing: one of them without a schema matches in any.</summary>
    public bool Matches(SqlName? other) =>
        other is not null
        && Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase)
        && (Schema is null || other.Schema is null || Schema.Equals(other.Schema, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override string ToString() => Schema is null ? Name : $"{Schema}.{Name}";

    /// <summary>A name's part without its quotes, doubled ones within made one.</summary>
    public static string Part(SqlToken token)
    {
        var text = token.Text;
        if (token.Kind == SqlTokenKind.Word || !token.MayBeName)
        {
            return text.ToLowerInvariant();
        }

        var open = text.AsSpan().IndexOfAny('"', '`', '[');
        var close = text[open] == '[' ? "]" : text[open..(open + 1)];
        var end = text.Length - 1 > open && text.EndsWith(close, StringComparison.Ordinal) ? text.Length - 1 : text.Length;
        return text[(open + 1)..end].Replace(close + close, close, StringComparison.Ordinal);
    }
}
