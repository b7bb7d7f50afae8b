namespace DeployOps.Migrations.Sql;

/// <summary>Which characters make words and which are between them.</summary>
internal static class SqlLetters
{
    internal static bool IsWordStart(char letter) => char.IsAsciiLetter(letter) || letter is '_' || letter > 127;

    internal static bool IsWordPart(char letter, bool dollar = true) => IsWordStart(letter) || char.IsAsciiDigit(letter) || (dollar && letter == '$');

    /// <summary>White space. To the servers only that of ASCII is; a non-breaking space is a letter to them.</summary>
    internal static bool IsSpace(char letter, SqlDialect dialect) =>
        dialect == SqlDialect.Sqlite ? char.IsWhiteSpace(letter) : letter is ' ' or '\t' or '\n' or '\r' or '\f' or '\v';
}
