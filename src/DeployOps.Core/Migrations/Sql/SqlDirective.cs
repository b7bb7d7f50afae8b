namespace DeployOps.Migrations.Sql;

/// <summary>A line comment <c>-- deployops: …</c>: what the author of a script tells the tool.</summary>
/// <param name="Text">What follows the colon, without blanks around it.</param>
/// <param name="Line">The line it stands on, from 1.</param>
public sealed record SqlDirective(string Text, int Line)
{
    private const string Name = "deployops:";

    /// <summary>The directive in a comment; null where it is a remark.</summary>
    internal static SqlDirective? TryRead(ReadOnlySpan<char> comment, int line)
    {
        var words = comment.TrimStart("-#").TrimStart();
        return words.StartsWith(Name, StringComparison.OrdinalIgnoreCase) ? new SqlDirective(words[Name.Length..].Trim().ToString(), line) : null;
    }
}
