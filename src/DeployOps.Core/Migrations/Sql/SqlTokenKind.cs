namespace DeployOps.Migrations.Sql;

/// <summary>What a piece of SQL is, as far as statements and headers need to know.</summary>
public enum SqlTokenKind
{
    /// <summary>A keyword or a bare identifier.</summary>
    Word,

    /// <summary>A string, a quoted identifier, a number or an operator.</summary>
    Other,

    /// <summary>A semicolon outside of strings and comments.</summary>
    Semicolon,

    /// <summary>A comment from two dashes to the end of its line.</summary>
    LineComment,

    /// <summary>A comment between <c>/*</c> and <c>*/</c>.</summary>
    BlockComment,
}
