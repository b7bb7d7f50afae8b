namespace DeployOps.Migrations.Sql;

/// <summary>The lines between <c>COPY … FROM STDIN;</c> and <c>\.</c>, read from the script as they are asked for.</summary>
/// <param name="source">The script, behind the statement's semicolon.</param>
/// <param name="line">The line the statement starts on.</param>
internal sealed class SqlCopyData(SqlSource source, int line)
{
    private const string End = "\\.";

    private bool hasBegun;
    private bool hasEnded;

    /// <summary>The lines that were not read yet.</summary>
    /// <exception cref="SqlScriptException"><c>SqlCopyDataMisplaced</c> or <c>SqlCopyDataUnterminated</c>.</exception>
    internal IEnumerable<string> Lines()
    {
        while (Next() is { } text)
        {
            yield return text;
        }
    }

    internal void Skip()
    {
        while (Next() is not null)
        {
            // Read past.
        }
    }

    private string? Next()
    {
        if (!hasBegun)
        {
            hasBegun = true;
            RefuseSameLine();
        }

        if (hasEnded)
        {
            return null;
        }

        var text = source.ReadLine() ?? throw new SqlScriptException(
            "SqlCopyDataUnterminated", FaultKind.InvalidData, line, "the data of this COPY … FROM STDIN has no end.", "Close it with a line that holds only \\. behind the last row.");
        hasEnded = text == End;
        return hasEnded ? null : text;
    }

    private void RefuseSameLine()
    {
        var rest = (source.ReadLine() ?? "").Trim();
        if (rest.Length > 0 && !rest.StartsWith("--", StringComparison.Ordinal))
        {
            throw new SqlScriptException(
                "SqlCopyDataMisplaced", FaultKind.InvalidData, line, "something stands on the line of this COPY … FROM STDIN behind its semicolon.", "Begin the data on the next line.");
        }
    }
}
