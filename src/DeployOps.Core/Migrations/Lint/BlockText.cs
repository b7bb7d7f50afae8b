using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>What a text of PostgreSQL holds that is itself SQL, such as the body of a DO or what an EXECUTE runs.</summary>
internal static class BlockText
{
    /// <summary>The text within its quotes as a statement of its own, in the lines of the script; null where it has escapes, or none is within.</summary>
    internal static SqlStatement? Read(SqlToken text, SqlStatement around)
    {
        var span = text.Span;
        var open = text.Kind != SqlTokenKind.Text || span.Length < 2 ? 0 : span[0] == '\'' ? 1 : span[0] == '$' ? span[1..].IndexOf('$') + 2 : 0;
        if (open == 0 || span.Length < 2 * open)
        {
            return null;
        }

        // Two quotes in a text are one of it: what stands behind is in its line all the same.
        var inner = span[open..^open].ToString();
        inner = span[0] == '\'' ? inner.Replace("''", "'", StringComparison.Ordinal) : inner;
        var start = inner.Length - inner.TrimStart().Length;
        return inner.Length == start ? null : new SqlStatement(inner[start..], text.Line + inner.AsSpan(0, start).Count('\n'), around.Offset + text.Offset + open + start, around.Dialect);
    }
}
