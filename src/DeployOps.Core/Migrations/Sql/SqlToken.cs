namespace DeployOps.Migrations.Sql;

/// <summary>A piece of SQL.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its characters.</param>
/// <param name="Offset">Where it starts in the text, from 0.</param>
/// <param name="Line">The line it starts on, from 1.</param>
public readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Offset, int Line)
{
    /// <summary>Whether it is a comment.</summary>
    public bool IsComment => Kind is SqlTokenKind.LineComment or SqlTokenKind.BlockComment;

    /// <summary>Whether it is this keyword, in any case.</summary>
    public bool Is(string keyword) => Kind == SqlTokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);
}
