namespace DeployOps.Migrations.Sql;

/// <summary>Finds the statements of a script.</summary>
public static class SqlStatements
{
    /// <summary>The statements of a text in memory, in order; empty ones are left out.</summary>
    /// <exception cref="SqlScriptException">While it is enumerated; see the overload.</exception>
    public static IEnumerable<SqlStatement> Read(string sql, SqlDialect dialect = SqlDialect.Sqlite)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return ReadText(sql, dialect);
    }

    /// <summary>
    /// The statements of a script in order, each read when it is asked for; empty ones are left out. No more is in memory than the longest
    /// statement, or comment, and a block read ahead. The reader stays the caller's to close, and is enumerated once.
    /// </summary>
    /// <exception cref="SqlScriptException">
    /// While it is enumerated: <c>SqlMetaCommand</c>, <c>SqlTextUnterminated</c>, <c>SqlCopyDataMisplaced</c>, <c>SqlCopyDataUnterminated</c>,
    /// <c>SqlDelimiterInvalid</c>, <c>SqlModeUnknown</c>, <c>SqlStatementsBundled</c>, <c>SqlStringsNotStandard</c> or <c>SqlStatementTooLong</c>, with the line. SQLite's text is always cut.
    /// </exception>
    public static IEnumerable<SqlStatement> Read(TextReader script, SqlDialect dialect) => Read(script, dialect, ansiQuotes: false);

    /// <summary>The same for a session of MariaDB that begins in a mode of the server's.</summary>
    /// <param name="script">The script.</param>
    /// <param name="dialect">Whose rules.</param>
    /// <param name="ansiQuotes">Whether double quotes hold a name until the script says otherwise, as in the mode ANSI_QUOTES.</param>
    /// <exception cref="SqlScriptException">The same.</exception>
    public static IEnumerable<SqlStatement> Read(TextReader script, SqlDialect dialect, bool ansiQuotes)
    {
        ArgumentNullException.ThrowIfNull(script);
        return new SqlSplitter(script, dialect, ansiQuotes: ansiQuotes).Read();
    }

    private static IEnumerable<SqlStatement> ReadText(string sql, SqlDialect dialect)
    {
        using var reader = new StringReader(sql);
        foreach (var statement in Read(reader, dialect))
        {
            yield return statement;
        }
    }
}
