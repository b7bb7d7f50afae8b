namespace DeployOps.Migrations.Sql;

/// <summary>A piece of SQL: a view of the text it is in, without a string of its own.</summary>
public readonly struct SqlToken : IEquatable<SqlToken>
{
    private readonly string source;
    private readonly int length;

    internal SqlToken(SqlTokenKind kind, string source, int offset, int length, int line)
    {
        Kind = kind;
        this.source = source;
        Offset = offset;
        this.length = length;
        Line = line;
    }

    /// <summary>What it is.</summary>
    public SqlTokenKind Kind { get; }

    /// <summary>Where it starts, from 0: in the text that was read, or in the text of its statement.</summary>
    public int Offset { get; }

    /// <summary>The line of the script it starts on, from 1.</summary>
    public int Line { get; }

    /// <summary>Where it ends: the offset of the first character after it.</summary>
    public int End => Offset + length;

    /// <summary>Its characters; empty for no token.</summary>
    public ReadOnlySpan<char> Span => source.AsSpan(Offset, length);

    /// <summary>Its characters as a string, made anew at every call; null for no token.</summary>
    public string Text => source?.Substring(Offset, length)!;

    /// <summary>Whether it is a comment.</summary>
    public bool IsComment => Kind is SqlTokenKind.LineComment or SqlTokenKind.BlockComment;

    /// <summary>Whether it may be a name: also what stands between double quotes, which hold a text or a name by the mode of MariaDB's session.</summary>
    internal bool MayBeName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName ? length > 0 : Kind == SqlTokenKind.Text && length > 0 && source[Offset] == '"';

    /// <summary>Whether it is this keyword, in any case.</summary>
    public bool Is(string keyword) => Kind == SqlTokenKind.Word && Span.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is this one character, outside of strings.</summary>
    public bool Is(char symbol) => length == 1 && source[Offset] == symbol && Kind is SqlTokenKind.Symbol or SqlTokenKind.Semicolon;

    /// <inheritdoc/>
    public bool Equals(SqlToken other) => Kind == other.Kind && Offset == other.Offset && Line == other.Line && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SqlToken other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Offset, Line, length);

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Text}";

    /// <summary>The same piece at the same place.</summary>
    public static bool operator ==(SqlToken left, SqlToken right) => left.Equals(right);

    /// <summary>Another piece or another place.</summary>
    public static bool operator !=(SqlToken left, SqlToken right) => !left.Equals(right);
}
