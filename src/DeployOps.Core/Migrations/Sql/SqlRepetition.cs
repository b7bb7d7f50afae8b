using System.Globalization;

namespace DeployOps.Migrations.Sql;

/// <summary>
/// A comment <c>-- deployops: repeat-until-zero chunk=5000</c> before a statement: it is run again and again, a commit each, until it touches no row. The statement limits itself, such as
/// by <c>WHERE id IN (SELECT id … LIMIT 5000)</c>, and leaves out what it has done already; <c>chunk</c> says how many rows one round may touch at most, so that one without a
/// limit is found out before it is committed. Nothing is put into the statement's text.
/// </summary>
/// <param name="Chunk">How many rows a round may touch, 1 or more.</param>
public sealed record SqlRepetition(long Chunk)
{
    /// <summary>The directive's name.</summary>
    internal const string Name = "repeat-until-zero";

    private const string Key = "chunk=";

    /// <summary>Reads the directive; null where it does not say how many rows.</summary>
    internal static SqlRepetition? TryRead(SqlDirective directive) =>
        directive.Value.StartsWith(Key, StringComparison.OrdinalIgnoreCase) && long.TryParse(directive.Value.AsSpan(Key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows > 0
            ? new SqlRepetition(rows)
            : null;
}
