using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;

namespace DeployOps.Migrations;

/// <summary>
/// A script of a migrations folder. Its text is read when it is needed and as often as it is, never kept: a script of any length costs a block of memory. Each reading to the end
/// sees that the bytes are still those of <see cref="RawChecksum"/>.
/// </summary>
public sealed record MigrationScript
{
    private readonly ScriptClasses classes = new();

    /// <summary>Its version; numeric parts compare as numbers. Its name where it is repeatable.</summary>
    public required MigrationVersion Version { get; init; }

    /// <summary>The words of its file name after the version.</summary>
    public required string Description { get; init; }

    /// <summary>Its file name.</summary>
    public required string FileName { get; init; }

    /// <summary>Where its bytes are.</summary>
    public required SqlFile Source { get; init; }

    /// <summary>
    /// SHA-256 of the text in UTF-8 with line endings made LF and no byte order mark; 64 hexadecimal digits. It decides whether a script is the one that was applied: it is what the
    /// history holds, since a checkout that changes line endings changes nothing that a server is given.
    /// </summary>
    public required string Checksum { get; init; }

    /// <summary>
    /// SHA-256 of the bytes as they are; 64 hexadecimal digits. It decides whether what is run is what was planned: it is frozen with the list of what is pending, and each reading to
    /// the end compares it. It says nothing of what was applied in the past.
    /// </summary>
    public required string RawChecksum { get; init; }

    /// <summary>The line on which a carriage return ends no line; null where there is none. See <see cref="SqlReader.StrayReturn"/>.</summary>
    internal int? StrayReturn { get; init; }

    /// <summary>True for a <c>U…</c> script, which undoes the version it names.</summary>
    public bool IsUndo { get; init; }

    /// <summary>True for an <c>R…</c> script, which has no version, comes after all that have one, and is run again whenever its text changes.</summary>
    public bool IsRepeatable => Version.IsRepeatable;

    /// <summary>Its whole text, without a byte order mark and with line endings made LF, read at each call: for a library that takes a script in one piece.</summary>
    /// <exception cref="DeployOpsException">Those of <see cref="Open"/>.</exception>
    public string Sql
    {
        get
        {
            using var reader = Open();
            return reader.ReadToEnd();
        }
    }

    /// <summary>Its text from the beginning, without a byte order mark and with line endings made LF.</summary>
    /// <exception cref="DeployOpsException">Here or while it is read: <c>SqlFileUnreadable</c>; <c>MigrationScriptChanged</c> at the end where the bytes are not those of <see cref="RawChecksum"/>.</exception>
    public TextReader Open() => new SqlReader(Source) { Expected = RawChecksum };

    /// <summary>Its statements in order, each read when it is asked for.</summary>
    /// <exception cref="DeployOpsException">While they are enumerated: those of <see cref="Open"/> and of <see cref="SqlStatements.Read(TextReader, SqlDialect)"/>; <c>SqlReturnStray</c> where a carriage return would be read as a line feed.</exception>
    public IEnumerable<SqlStatement> Statements(SqlDialect dialect) => Statements(dialect, ansiQuotes: false);

    /// <summary>The same for a session of MariaDB that begins in its server's mode.</summary>
    /// <param name="dialect">Whose rules.</param>
    /// <param name="ansiQuotes">Whether that mode has ANSI_QUOTES.</param>
    /// <exception cref="DeployOpsException">The same.</exception>
    public IEnumerable<SqlStatement> Statements(SqlDialect dialect, bool ansiQuotes)
    {
        if (StrayReturn is { } line)
        {
            throw new SqlScriptException(
                "SqlReturnStray",
                FaultKind.InvalidData,
                line,
                "a carriage return stands here that ends no line, while others end in a line feed: it would be read as a line feed.",
                "Remove it; where a text needs one, write E'\\r' or chr(13) for PostgreSQL, '\\r' for MariaDB, char(13) for SQLite.").In(FileName);
        }

        using var reader = Open();
        foreach (var statement in SqlStatements.Read(reader, dialect, ansiQuotes))
        {
            yield return statement;
        }
    }

    /// <summary>Why it allows a rule that speaks of the script as a whole, in the lines of comments at its top: <c>-- deployops: allow RLB001 reason="…"</c>; null where it does not.</summary>
    /// <param name="rule">The id of the rule's group.</param>
    /// <exception cref="DeployOpsException">Those of <see cref="Open"/>.</exception>
    internal string? ReasonFor(string rule) => Header().FirstOrDefault(directive => directive.Name == "allow" && directive.Value.Equals(rule, StringComparison.OrdinalIgnoreCase))?.Reason;

    /// <summary>What its author says of it in the lines of comments at its top, before anything else but blank lines.</summary>
    internal IReadOnlyList<SqlDirective> Header()
    {
        using var reader = Open();
        var header = new List<SqlDirective>();
        for (var number = 1; reader.ReadLine() is { } line && (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith("--", StringComparison.Ordinal)); number++)
        {
            header.AddRange(SqlDirective.TryRead(line.Trim(), number) is { } directive ? [directive] : []);
        }

        return header;
    }

    /// <summary>What it is to its database, and how many statements it has; found at the first call by reading it once.</summary>
    /// <exception cref="DeployOpsException">Those of <see cref="MigrationTransactions.Find"/>.</exception>
    public ScriptClass Class(SqlDialect dialect) => classes.Of(this, dialect);

    /// <summary>Whether its database lets it run in no transaction as a whole.</summary>
    internal bool RunsOutside(SqlDialect dialect) => dialect != SqlDialect.Sqlite && Class(dialect).Transaction != MigrationTransaction.Tx;

    /// <summary>The same script by what it is; where its bytes are makes no difference.</summary>
    public bool Equals(MigrationScript? other) =>
        other is not null && Version == other.Version && IsUndo == other.IsUndo && FileName == other.FileName && RawChecksum == other.RawChecksum;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, IsUndo, FileName, RawChecksum);

    /// <inheritdoc/>
    public override string ToString() => FileName;
}
